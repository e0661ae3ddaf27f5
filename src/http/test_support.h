#pragma once

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "async/test_support.h"
#include "http/server.h"

namespace tarn::http {

/// For tests only. A blocking socket that sends any bytes, well-formed or not, and shows what comes back.
class RawSocket {
 public:
  explicit RawSocket(int socket) : socket_(socket) { TARN_ASSERT(socket >= 0); }
  RawSocket(RawSocket&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)) {}
  RawSocket& operator=(RawSocket&&) = delete;
  ~RawSocket() { close(); }

  /// Sends all of it; false when the server is gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void end_sending() { ::shutdown(socket_, SHUT_WR); }
  int descriptor() const { return socket_; }
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }

  /// Whether something, or the end, can be received now.
  bool has_answer() const {
    char byte = 0;
    return ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
  }

  /// Reads until `mark` has come and returns all up to its end; less at the end of the connection.
  std::string receive_through(std::string_view mark) {
    std::size_t found = 0;
    while ((found = received_.find(mark)) == std::string::npos) {
      if (!receive_some()) return std::exchange(received_, {});
    }
    return take(found + mark.size());
  }
  /// Exactly so many bytes; fewer at the end of the connection.
  std::string receive(std::size_t size) {
    while (received_.size() < size && receive_some()) {
    }
    return take(size);
  }
  /// Everything up to the end of the connection.
  std::string receive_rest() {
    while (receive_some()) {
    }
    return std::exchange(received_, {});
  }

  struct Reply {
    int status = 0;  ///< 0: the connection ended
    std::string head;
    std::string body;
    /// "" where there is no such field.
    std::string field(std::string_view name) const {
      const auto begin = head.find("\r\n" + std::string(name) + ": ");
      if (begin == std::string::npos) return "";
      const auto value = begin + name.size() + 4;
      return head.substr(value, head.find("\r\n", value) - value);
    }
  };
  /// One whole response; `has_body` false for the answer to HEAD.
  Reply receive_reply(bool has_body = true) {
    Reply reply;
    reply.head = receive_through("\r\n\r\n");
    if (reply.head.size() < 12) return reply;
    reply.status = std::atoi(reply.head.c_str() + 9);
    if (!has_body || reply.status == 204 || reply.status == 304 || reply.status < 200) return reply;
    if (reply.field("Transfer-Encoding") == "chunked") {
      while (const auto size = std::strtoul(receive_through("\r\n").c_str(), nullptr, 16)) {
        reply.body += receive(size);
        receive(2);
      }
      receive(2);
    } else if (const auto length = reply.field("Content-Length"); !length.empty()) {
      reply.body = receive(std::strtoul(length.c_str(), nullptr, 10));
    } else {
      reply.body = receive_rest();
    }
    return reply;
  }
  Reply exchange(std::string_view request) {
    send(request);
    return receive_reply();
  }

 private:
  bool receive_some() {
    char bytes[16384];
    const auto size = ::recv(socket_, bytes, sizeof bytes, 0);
    if (size <= 0) return false;
    received_.append(bytes, static_cast<std::size_t>(size));
    return true;
  }
  std::string take(std::size_t size) {
    auto taken = received_.substr(0, size);
    received_.erase(0, size);
    return taken;
  }

  int socket_;
  std::string received_;
};

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// Connected to a server.
class RawClient : public RawSocket {
 public:
  explicit RawClient(std::uint16_t port) : RawSocket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto address = loopback(port);
    TARN_ASSERT(::connect(descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
};

/// A server that does what the test says, connection by connection.
class RawListener {
 public:
  RawListener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    auto address = loopback(0);
    socklen_t size = sizeof address;
    TARN_ASSERT(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    TARN_ASSERT(::listen(socket_, 16) == 0);
    TARN_ASSERT(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  RawListener(const RawListener&) = delete;
  RawListener& operator=(const RawListener&) = delete;
  ~RawListener() { ::close(socket_); }

  std::uint16_t port() const { return port_; }
  /// Whether a connection waits to be accepted.
  bool has_connection() const {
    pollfd waiting{socket_, POLLIN, 0};
    return ::poll(&waiting, 1, 0) > 0;
  }
  RawSocket accept() { return RawSocket(::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC)); }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

/// A handler made of a function; refusals read "code: message".
class FunctionHandler final : public Handler {
 public:
  using Function = std::function<Task<Response>(Request&)>;
  explicit FunctionHandler(Function function) : function_(std::move(function)) {}
  Task<Response> handle(Request& request) override { return function_(request); }
  Response refuse(int status, std::string_view code, std::string_view message, std::string_view) override {
    Response response;
    response.status = status;
    response.body = std::string(code) + ": " + std::string(message);
    return response;
  }

 private:
  Function function_;
};

/// A server over such a handler, under a watchdog; stopped when it goes.
class TestServer {
 public:
  explicit TestServer(FunctionHandler::Function function, ServerOptions options = {})
      : handler_(std::move(function)), server_(*runtime_, std::move(options), handler_) {
    const auto started = server_.start();
    TARN_ASSERT(started);
  }
  ~TestServer() { TARN_ASSERT(runtime_.run(server_.stop(async::soon()))); }

  std::uint16_t port() const { return server_.port(); }
  Server& operator*() { return server_; }
  async::TestRuntime& runtime() { return runtime_; }
  /// Waits until so many connections have come and all of them have ended.
  void wait_until_ended(std::uint64_t accepted) const {
    while (server_.statistics().connections_accepted < accepted || server_.statistics().connections_open != 0) {
      std::this_thread::yield();
    }
  }

 private:
  async::TestRuntime runtime_;
  FunctionHandler handler_;
  Server server_;
};

}  // namespace tarn::http
