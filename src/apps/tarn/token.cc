#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "apps/catalogd/token_setting.h"
#include "apps/tarn/verbs.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "base/random.h"

namespace tarn::apps {
namespace {

struct Options {
  std::string name;
  catalog_api::Role role = catalog_api::Role::kRead;
};

ExitCode token(const Options& options, Surroundings& surroundings) {
  if (options.name.empty() || options.name.find(':') != std::string::npos) {
    surroundings.err << "tarn: NAME: expected a name without ':'\n";
    return ExitCode::kUsage;
  }
  SystemRandom random;
  std::array<unsigned char, 32> bytes{};
  random.fill(bytes);
  const std::string secret =
      "tarn_" + hex_encode(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  const catalog_api::TokenHash hash{.name = options.name, .sha256 = sha256(secret), .role = options.role};
  surroundings.out
      << "token:   " << secret << "\n"
      << "setting: tokens = [\"" << render_token(hash) << "\"]\n\n"
      << "Clients send the token (tarn takes it from TARN_TOKEN); the setting goes into the server's file.\n"
      << "The token is not stored anywhere: it cannot be shown again.\n";
  return ExitCode::kOk;
}

}  // namespace

Verb token_verb() {
  auto options = std::make_shared<Options>();  // lives as long as the verb, whose settings point into it
  Verb verb;
  verb.name = "token";
  verb.summary = "Make a bearer token, and the setting by which a server knows it.";
  verb.examples = {{"tarn token ci --role write", "a token that may register and drop datasets"}};
  verb.positionals.push_back({.name = "NAME", .help = "Whose it is, for the server's log", .target = &options->name});
  verb.settings.push_back(
      setting("role", options->role, "ROLE", "What it allows: read, write or admin (default: read)").flag_only());
  verb.run = [options](Surroundings& surroundings) { return token(*options, surroundings); };
  return verb;
}

}  // namespace tarn::apps
