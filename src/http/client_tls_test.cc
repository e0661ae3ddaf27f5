// The client against a TLS server whose certificate the test makes.
#include <cstdio>
#include <filesystem>
#include <future>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "http/client.h"
#include "http/test_support.h"

namespace tarn::http {
namespace {

using async::soon;

/// A self-signed certificate for one name, and its key; the certificate in a file too.
class Certificate {
 public:
  explicit Certificate(const std::string& name)
      : key_(EVP_EC_gen("P-256"), EVP_PKEY_free),
        certificate_(X509_new(), X509_free),
        file_(std::filesystem::path(testing::TempDir()) /
              ("tarn_http_" + std::to_string(::getpid()) + "_" + name + ".pem")) {
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_.get()), 1);
    X509_set_version(certificate_.get(), X509_VERSION_3);
    X509_gmtime_adj(X509_getm_notBefore(certificate_.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate_.get()), 3600);
    X509_set_pubkey(certificate_.get(), key_.get());
    X509_NAME* const subject = X509_get_subject_name(certificate_.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1,
                               -1, 0);
    X509_set_issuer_name(certificate_.get(), subject);
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> names(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ("DNS:" + name).c_str()), X509_EXTENSION_free);
    X509_add_ext(certificate_.get(), names.get(), -1);
    TARN_ASSERT(X509_sign(certificate_.get(), key_.get(), EVP_sha256()) > 0);
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(file_.c_str(), "w"), std::fclose);
    TARN_ASSERT(PEM_write_X509(file.get(), certificate_.get()) == 1);
  }
  ~Certificate() { std::filesystem::remove(file_); }

  EVP_PKEY* key() const { return key_.get(); }
  X509* certificate() const { return certificate_.get(); }
  std::string file() const { return file_; }

 private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
  std::unique_ptr<X509, decltype(&X509_free)> certificate_;
  std::filesystem::path file_;
};

/// One TLS connection, served by the calling thread.
class TlsPeer {
 public:
  TlsPeer(const Certificate& certificate, RawSocket socket)
      : socket_(std::move(socket)), context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free), tls_(nullptr, SSL_free) {
    SSL_CTX_use_certificate(context_.get(), certificate.certificate());
    SSL_CTX_use_PrivateKey(context_.get(), certificate.key());
    tls_.reset(SSL_new(context_.get()));
    SSL_set_fd(tls_.get(), socket_.descriptor());
    is_shaken_ = SSL_accept(tls_.get()) == 1;
  }
  bool is_shaken() const { return is_shaken_; }
  std::string indicated_name() const {
    const char* const name = SSL_get_servername(tls_.get(), TLSEXT_NAMETYPE_host_name);
    return name == nullptr ? "" : name;
  }
  void send(std::string_view bytes) { SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())); }
  std::string receive_through(std::string_view mark) {
    std::string received;
    char bytes[4096];
    while (!received.contains(mark)) {
      const int size = SSL_read(tls_.get(), bytes, sizeof bytes);
      if (size <= 0) break;
      received.append(bytes, static_cast<std::size_t>(size));
    }
    return received;
  }
  void say_goodbye() { SSL_shutdown(tls_.get()); }

 private:
  RawSocket socket_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_;
  bool is_shaken_ = false;
};

Task<std::string> put_and_read(Client& client, std::size_t body_bytes) {
  Request request;
  request.method = "PUT";
  request.target = "/x";
  request.body = async::source_of(Bytes(body_bytes, 'b'));
  TARN_CO_TRY(const auto response, co_await client.send(std::move(request), false, soon()));
  co_return co_await async::read_all(*response.body, 1'000'000);
}

class ClientTls : public testing::Test {
 protected:
  std::future<Result<std::string>> start(std::size_t body_bytes, const std::string& ca_file,
                                         const std::string& host = "localhost") {
    if (!client_) {
      ClientOptions options;
      options.ca_file = ca_file;
      client_ = std::make_unique<Client>(*runtime_, Origin{true, host, listener_.port()}, options);
    }
    return std::async(std::launch::async,
                      [this, body_bytes] { return runtime_.run(put_and_read(*client_, body_bytes)); });
  }

  async::TestRuntime runtime_{1};
  RawListener listener_;
  std::unique_ptr<Client> client_;
};

TEST_F(ClientTls, SendsAndReadsOnOneVerifiedConnection) {
  const Certificate certificate("localhost");
  auto first = start(10, certificate.file());
  TlsPeer peer(certificate, listener_.accept());
  const auto small = peer.receive_through("\r\n\r\n" + std::string(10, 'b'));
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  ASSERT_EQ(first.get().value_or("failed"), "hello");

  auto second = start(100'000, certificate.file());
  const auto large = peer.receive_through(std::string(100'000, 'b'));
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello2");
  ASSERT_EQ(second.get().value_or("failed"), "hello2");

  EXPECT_EQ(peer.indicated_name(), "localhost");
  EXPECT_TRUE(small.contains("Host: localhost:" + std::to_string(listener_.port()) + "\r\n")) << small;
  EXPECT_TRUE(large.starts_with("PUT /x "));
  EXPECT_EQ(client_->open_connections(), 1U);
}

TEST_F(ClientTls, AnUnknownAuthorityIsUnavailable) {
  const Certificate certificate("localhost");
  const Certificate another("another");
  auto answer = start(10, another.file());
  TlsPeer peer(certificate, listener_.accept());

  const auto got = answer.get();

  EXPECT_FALSE(peer.is_shaken());
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(got.error().message.contains("certificate verify failed")) << got.error().message;
  EXPECT_EQ(client_->open_connections(), 0U);
}

TEST_F(ClientTls, ACertificateForAnotherNameIsUnavailable) {
  const Certificate certificate("example.org");
  auto answer = start(10, certificate.file());
  TlsPeer peer(certificate, listener_.accept());

  const auto got = answer.get();

  EXPECT_FALSE(peer.is_shaken());
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::kUnavailable);
}

TEST_F(ClientTls, ABodyUntilTheEndMustEndInOrder) {
  const Certificate certificate("localhost");
  for (const bool is_orderly : {true, false}) {
    auto answer = start(10, certificate.file());
    {
      TlsPeer peer(certificate, listener_.accept());
      peer.receive_through("bbbbbbbbbb");
      peer.send("HTTP/1.1 200 OK\r\n\r\nhello");
      if (is_orderly) peer.say_goodbye();
    }
    const auto got = answer.get();
    EXPECT_EQ(got.has_value(), is_orderly);  // otherwise anyone on the way could cut it short
  }
}

TEST_F(ClientTls, AnUnreadableAuthorityFileIsAnErrorOfEverySend) {
  const auto got = start(10, "/no/such/file.pem").get();

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(got.error().message.contains("/no/such/file.pem")) << got.error().message;
}

}  // namespace
}  // namespace tarn::http
