#include "http/client.h"

#include <charconv>
#include <utility>
#include <vector>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/this_coro.hpp>

#include "async/suspend.h"
#include "http/client_pool_internal.h"
#include "http/exchange_internal.h"

namespace tarn::http {
namespace {

/// Verifies servers against the given authorities, from TLS 1.2 on.
Result<std::shared_ptr<asio::ssl::context>> make_tls(const ClientOptions& options) {
  boost::system::error_code error;
  auto tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
  tls->set_verify_mode(asio::ssl::verify_peer, error);
  if (error) return failure(ErrorCode::kInternal, "TLS: " + error.message());
  if (options.ca_file.empty()) {
    tls->set_default_verify_paths(error);
  } else {
    tls->load_verify_file(options.ca_file, error);
  }
  if (error) {
    return failure(ErrorCode::kInvalidArgument,
                   "TLS: certificate authorities " + options.ca_file + ": " + error.message());
  }
  return tls;
}

/// The body of a response; hands its connection back wherever it is dropped.
class ResponseBody final : public ByteSource {
 public:
  explicit ResponseBody(std::unique_ptr<Exchange> exchange)
      : exchange_(std::move(exchange)), size_(exchange_->body_size()) {}
  ~ResponseBody() override {
    if (!exchange_->has_connection()) return;
    const auto executor = exchange_->pool().executor();
    asio::dispatch(executor, [exchange = std::move(exchange_)] { exchange->abandon(); });
  }
  Task<ByteView> next() override { return exchange_->next(); }
  std::optional<std::uint64_t> size() const override { return size_; }

 private:
  std::unique_ptr<Exchange> exchange_;
  const std::optional<std::uint64_t> size_;
};

}  // namespace

Result<Origin> Origin::parse(std::string_view url) {
  const auto refuse = [url](std::string_view why) {
    return failure(ErrorCode::kInvalidArgument, "'" + std::string(url) + "': " + std::string(why) +
                                                    "; expected http://host[:port] or https://host[:port]");
  };
  Origin origin;
  auto rest = url;
  if (rest.starts_with("https://")) {
    origin.is_tls = true;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return refuse("the scheme is missing or another");
  }
  origin.port = origin.is_tls ? 443 : 80;
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find_first_of("/?#@") != std::string_view::npos) return refuse("there must be no path, query or user");
  if (rest.starts_with('[')) {
    const auto close = rest.find(']');
    boost::system::error_code error;
    origin.host = rest.substr(1, close == std::string_view::npos ? close : close - 1);
    (void)asio::ip::make_address_v6(origin.host, error);
    if (close == std::string_view::npos || error) return refuse("the IPv6 address is malformed");
    rest.remove_prefix(close + 1);
  } else {
    origin.host = rest.substr(0, rest.find(':'));
    rest.remove_prefix(origin.host.size());
  }
  if (origin.host.empty()) return refuse("the host is missing");
  for (const char c : origin.host) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return refuse("the host is malformed");
  }
  if (rest.empty()) return origin;
  const auto digits = rest.substr(1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), origin.port);
  if (rest.front() != ':' || error != std::errc() || end != digits.data() + digits.size() || origin.port == 0) {
    return refuse("the port is not a number from 1 to 65535");
  }
  return origin;
}

std::string Origin::host_header() const {
  std::string header = host.contains(':') ? "[" + host + "]" : host;
  if (port != (is_tls ? 443 : 80)) header += ":" + std::to_string(port);
  return header;
}

struct Client::Impl {
  Impl(async::Runtime& runtime, Origin origin, ClientOptions options) {
    auto settings = std::make_shared<ClientSettings>();
    settings->origin = std::move(origin);
    settings->options = std::move(options);
    if (settings->origin.is_tls) {
      if (auto tls = make_tls(settings->options)) {
        settings->tls = *std::move(tls);
      } else {
        broken = std::move(tls).error();
      }
    }
    for (std::size_t i = 0; i < runtime.thread_count(); ++i) {
      pools.push_back(std::make_shared<ClientPool>(runtime.executor(i), settings));
    }
  }

  const std::shared_ptr<ClientPool>& pool_of(const asio::any_io_executor& executor) const {
    for (const auto& pool : pools) {
      if (pool->executor() == executor) return pool;
    }
    TARN_ASSERT(false);  // used on an executor that is not of its runtime
    std::unreachable();
  }

  std::vector<std::shared_ptr<ClientPool>> pools;  // one a thread of the runtime; shared as ClientPool says
  std::optional<Error> broken;                     // why nothing can be sent
};

Client::Client(async::Runtime& runtime, Origin origin, ClientOptions options)
    : impl_(std::make_unique<Impl>(runtime, std::move(origin), std::move(options))) {}

Client::~Client() {
  for (auto& pool : impl_->pools) {
    const auto executor = pool->executor();
    asio::post(executor, [last = std::move(pool)] { last->close_idle(true); });
  }
}

Task<ClientResponse> Client::send(Request request, bool is_idempotent, Deadline deadline) {
  if (impl_->broken) co_return std::unexpected(*impl_->broken);
  const auto executor = co_await asio::this_coro::executor;
  const auto& pool = impl_->pool_of(executor);
  TARN_CO_TRY(auto permit, co_await pool->enter(deadline));
  auto exchange = std::make_unique<Exchange>(pool, std::move(permit), std::move(request), is_idempotent, deadline);
  TARN_CO_TRY_VOID(co_await exchange->run());
  ClientResponse response;
  response.status = exchange->status();
  response.headers = std::move(exchange->headers());
  response.body = std::make_unique<ResponseBody>(std::move(exchange));
  co_return response;
}

Task<void> Client::close() {
  for (const auto& pool : impl_->pools) {
    auto closed = co_await async::suspend<void>([&pool](async::Resume<void> resume) {
      asio::post(pool->executor(), [&pool, resume = std::move(resume)]() mutable {
        pool->close_idle(false);
        resume({});
      });
    });
    if (!closed) co_return closed;
  }
  co_return Result<void>();
}

std::size_t Client::open_connections() const {
  std::size_t open = 0;
  for (const auto& pool : impl_->pools) open += pool->open_connections();
  return open;
}

}  // namespace tarn::http
