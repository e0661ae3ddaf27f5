// http_load: a closed-loop load generator of one thread: N keep-alive connections, each sends its next request when the
// answer to the last one is in. Requests are rendered (and signed) before the clock starts, so that the measured time
// holds sockets and the server only. Prints one line of JSON.
//
//   http_load put      --url http://127.0.0.1:9000 --bucket b --prefix p/ --size 4096 --connections 64 --requests 20000
//   http_load register --url http://127.0.0.1:8181 --prefix run1_ --connections 64 --requests 20000
//
// put signs with TARN_ACCESS_KEY_ID and TARN_SECRET_ACCESS_KEY. Loopback only.

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/encoding.h"

namespace {

using SteadyClock = std::chrono::steady_clock;

struct Settings {
  std::string mode;
  std::string url;
  std::string bucket = "lake";
  std::string prefix = "load/";
  std::size_t size_bytes = 4096;
  std::size_t connections = 1;
  std::size_t requests = 1000;
};

[[noreturn]] void fail(const std::string& message) {
  std::fprintf(stderr, "http_load: %s\n", message.c_str());
  std::exit(1);
}

struct Address {
  std::string host;
  std::uint16_t port = 0;
};

Address parse_url(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) fail("--url must begin with http://");
  url.remove_prefix(kScheme.size());
  const auto colon = url.rfind(':');
  if (colon == std::string_view::npos) fail("--url must name a port");
  Address address{std::string(url.substr(0, colon)), 0};
  const auto port = url.substr(colon + 1);
  if (std::from_chars(port.data(), port.data() + port.size(), address.port).ec != std::errc()) fail("--url: bad port");
  if (!address.host.starts_with("127.")) fail("load goes to loopback only");
  return address;
}

std::string environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
  if (value == nullptr) fail(std::string(name) + " is not set");
  return value;
}

/// Signs PUTs of one day with SigV4. Written apart from the product's, which is what is measured here.
class PutSigner {
 public:
  PutSigner(std::string host, std::string payload)
      : host_(std::move(host)),
        payload_(std::move(payload)),
        payload_hash_(tarn::hex_encode(tarn::sha256(payload_))),
        access_key_(environment("TARN_ACCESS_KEY_ID")),
        time_(tarn::to_iso_basic(tarn::SystemClock().now())),
        scope_(time_.substr(0, 8) + "/us-east-1/s3/aws4_request") {
    std::string key = tarn::hmac_sha256("AWS4" + environment("TARN_SECRET_ACCESS_KEY"), time_.substr(0, 8));
    for (const std::string_view step : {"us-east-1", "s3", "aws4_request"}) key = tarn::hmac_sha256(key, step);
    signing_key_ = key;
  }

  std::string render(const std::string& path) const {
    const std::string canonical = "PUT\n" + path + "\n\nhost:" + host_ + "\nx-amz-content-sha256:" + payload_hash_ +
                                  "\nx-amz-date:" + time_ + "\n\nhost;x-amz-content-sha256;x-amz-date\n" +
                                  payload_hash_;
    const std::string to_sign =
        "AWS4-HMAC-SHA256\n" + time_ + "\n" + scope_ + "\n" + tarn::hex_encode(tarn::sha256(canonical));
    return "PUT " + path + " HTTP/1.1\r\nHost: " + host_ + "\r\nx-amz-date: " + time_ +
           "\r\nx-amz-content-sha256: " + payload_hash_ +
           "\r\nAuthorization: AWS4-HMAC-SHA256 Credential=" + access_key_ + "/" + scope_ +
           ", SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=" +
           tarn::hex_encode(tarn::hmac_sha256(signing_key_, to_sign)) +
           "\r\nContent-Length: " + std::to_string(payload_.size()) + "\r\n\r\n" + payload_;
  }

 private:
  std::string host_;
  std::string payload_;
  std::string payload_hash_;
  std::string access_key_;
  std::string time_;
  std::string scope_;
  std::string signing_key_;
};

std::string render_register(const std::string& host, const std::string& name) {
  const std::string body =
      R"({"name":")" + name + R"(","schema_fingerprint":"sha256:)" + std::string(64, 'a') +
      R"(","objects":[{"key":"data/)" + name +
      R"(/part-00000.parquet","size":13493022,"etag":"0123456789abcdef0123456789abcdef"}],"row_count":3000000})";
  return "POST /v1/datasets HTTP/1.1\r\nHost: " + host +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::vector<std::string> render_all(const Settings& settings, const Address& address) {
  const std::string host = address.host + ":" + std::to_string(address.port);
  std::vector<std::string> requests;
  requests.reserve(settings.requests);
  if (settings.mode == "put") {
    std::string payload(settings.size_bytes, '\0');
    for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>((i * 2654435761U) >> 13);
    const PutSigner signer(host, payload);
    for (std::size_t i = 0; i < settings.requests; ++i) {
      requests.push_back(signer.render("/" + settings.bucket + "/" + settings.prefix + std::to_string(i)));
    }
  } else {
    for (std::size_t i = 0; i < settings.requests; ++i) {
      requests.push_back(render_register(host, settings.prefix + std::to_string(i)));
    }
  }
  return requests;
}

/// Takes one answer off the front of `received`; its status, or 0 while it is incomplete.
int take_answer(std::string& received) {
  const auto head_end = received.find("\r\n\r\n");
  if (head_end == std::string::npos) return 0;
  std::string head = received.substr(0, head_end + 2);
  std::transform(head.begin(), head.end(), head.begin(), [](unsigned char c) { return std::tolower(c); });
  std::size_t body_bytes = 0;
  if (const auto field = head.find("content-length:"); field != std::string::npos) {
    const char* digits = head.data() + field + 15;
    while (*digits == ' ') ++digits;
    std::from_chars(digits, head.data() + head.size(), body_bytes);
  } else if (head.find("transfer-encoding:") != std::string::npos) {
    fail("the server sent a chunked answer, which this program does not read");
  }
  if (received.size() < head_end + 4 + body_bytes) return 0;
  int status = 0;
  std::from_chars(received.data() + 9, received.data() + 12, status);
  received.erase(0, head_end + 4 + body_bytes);
  return status;
}

struct Connection {
  int fd = -1;
  const std::string* request = nullptr;
  std::size_t sent_bytes = 0;
  std::string received;
  SteadyClock::time_point started;
};

int connect_to(const Address& address) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in target{};
  target.sin_family = AF_INET;
  target.sin_port = htons(address.port);
  inet_pton(AF_INET, address.host.c_str(), &target.sin_addr);
  if (connect(fd, reinterpret_cast<sockaddr*>(&target), sizeof(target)) != 0) {
    fail("cannot connect to " + address.host + ":" + std::to_string(address.port));
  }
  const int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  return fd;
}

struct Outcome {
  double seconds = 0;
  std::size_t succeeded = 0;
  std::size_t failed = 0;
  int first_failure = 0;
  std::vector<double> latencies_ms;
};

class Load {
 public:
  Load(const Settings& settings, const Address& address, const std::vector<std::string>& requests)
      : requests_(requests), epoll_(epoll_create1(0)), connections_(std::min(settings.connections, requests.size())) {
    for (auto& connection : connections_) connection.fd = connect_to(address);
    outcome_.latencies_ms.reserve(requests.size());
  }

  Outcome run() {
    const auto started = SteadyClock::now();
    for (auto& connection : connections_) {
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.ptr = &connection;
      epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event);
      send_next(connection);
    }
    std::array<epoll_event, 256> events{};
    while (finished_ < requests_.size()) {
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 30'000);
      if (count == 0) fail("no answer for 30 s");
      for (int i = 0; i < count; ++i) receive(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
    }
    outcome_.seconds = std::chrono::duration<double>(SteadyClock::now() - started).count();
    for (const auto& connection : connections_) close(connection.fd);
    close(epoll_);
    return std::move(outcome_);
  }

 private:
  void send_next(Connection& connection) {
    if (next_ == requests_.size()) return;
    const std::string& request = requests_[next_++];
    connection.started = SteadyClock::now();
    // Requests are small and the socket is empty here: a blocking write does not wait.
    std::size_t sent = 0;
    while (sent < request.size()) {
      const auto n = send(connection.fd, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) fail("the server closed the connection while a request was sent");
      sent += static_cast<std::size_t>(n);
    }
  }

  void receive(Connection& connection) {
    std::array<char, 16384> buffer{};
    const auto n = recv(connection.fd, buffer.data(), buffer.size(), 0);
    if (n <= 0) fail("the server closed the connection in place of an answer");
    connection.received.append(buffer.data(), static_cast<std::size_t>(n));
    const int status = take_answer(connection.received);
    if (status == 0) return;
    outcome_.latencies_ms.push_back(
        std::chrono::duration<double, std::milli>(SteadyClock::now() - connection.started).count());
    ++finished_;
    if (status / 100 == 2) {
      ++outcome_.succeeded;
    } else {
      ++outcome_.failed;
      if (outcome_.first_failure == 0) outcome_.first_failure = status;
    }
    send_next(connection);
  }

  const std::vector<std::string>& requests_;
  int epoll_;
  std::vector<Connection> connections_;
  std::size_t next_ = 0;
  std::size_t finished_ = 0;
  Outcome outcome_;
};

double percentile(std::vector<double>& sorted, double fraction) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(fraction * static_cast<double>(sorted.size())))];
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app("closed-loop load of PUTs or registers; prints one line of JSON");
  app.add_option("mode", settings.mode, "put or register")->required()->check(CLI::IsMember({"put", "register"}));
  app.add_option("--url", settings.url, "http://127.0.0.1:PORT")->required();
  app.add_option("--bucket", settings.bucket, "put: the bucket");
  app.add_option("--prefix", settings.prefix, "what keys or names begin with");
  app.add_option("--size", settings.size_bytes, "put: bytes of a body");
  app.add_option("--connections", settings.connections)->check(CLI::Range(1, 1024));
  app.add_option("--requests", settings.requests)->check(CLI::Range(1, 10'000'000));
  CLI11_PARSE(app, argc, argv);

  const Address address = parse_url(settings.url);
  const auto requests = render_all(settings, address);
  Outcome outcome = Load(settings, address, requests).run();
  std::sort(outcome.latencies_ms.begin(), outcome.latencies_ms.end());
  std::printf(
      R"({"requests":%zu,"failed":%zu,"first_failure":%d,"seconds":%.4f,"per_second":%.1f,"p50_ms":%.3f,"p99_ms":%.3f})"
      "\n",
      outcome.succeeded, outcome.failed, outcome.first_failure, outcome.seconds,
      static_cast<double>(outcome.succeeded) / outcome.seconds, percentile(outcome.latencies_ms, 0.50),
      percentile(outcome.latencies_ms, 0.99));
  return outcome.failed == 0 ? 0 : 1;
}
