#include "http/server.h"

#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include "async/suspend.h"
#include "async/task_group.h"
#include "http/server_connection_internal.h"
#include "http/socket_internal.h"

namespace tarn::http {
namespace {

using asio::ip::tcp;

/// Connections over the limit that are told so at the same time; more are closed without a word.
constexpr std::size_t kMaxRefusedAtOnce = 64;
/// Between attempts to accept while the process has no file descriptor left.
constexpr std::chrono::milliseconds kAcceptRetry{50};
/// For cut connections to end.
constexpr std::chrono::seconds kGraceAfterCut{1};

/// Runs `call` on that executor's thread.
template <class Call>
Task<void> run_on(const asio::any_io_executor& executor, Call call) {
  auto posted = co_await async::suspend<void>([&executor, &call](async::Resume<void> resume) {
    asio::post(executor, [&call, resume = std::move(resume)]() mutable {
      call();
      resume({});
    });
  });
  co_return posted;
}

Result<tcp::endpoint> resolve(const ServerOptions& options, const asio::any_io_executor& executor) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options.host, error);
  if (!error) return tcp::endpoint(address, options.port);
  const auto found =
      tcp::resolver(executor).resolve(options.host, std::to_string(options.port), tcp::resolver::passive, error);
  if (error) return failure(ErrorCode::kUnavailable, "listen on " + options.host + ": " + error.message());
  return found.begin()->endpoint();
}

/// Counts a connection for as long as it lives.
class Counted {
 public:
  explicit Counted(std::atomic<std::size_t>& count) : count_(&count) { count.fetch_add(1, std::memory_order_relaxed); }
  Counted(Counted&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
  Counted& operator=(Counted&&) = delete;
  ~Counted() {
    if (count_ != nullptr) count_->fetch_sub(1, std::memory_order_relaxed);
  }

 private:
  std::atomic<std::size_t>* count_;
};

Task<void> serve(Shard& shard, tcp::socket socket, Counted) {
  ServerConnection connection(shard, std::move(socket));
  co_return co_await connection.serve();
}

Task<void> refuse(Shard& shard, tcp::socket socket, Counted) {
  ServerConnection connection(shard, std::move(socket));
  co_return co_await connection.refuse_all(
      {503, "too_many_connections", "this server has as many connections as it may; try again later"});
}

}  // namespace

struct Server::Impl {
  Impl(async::Runtime& server_runtime, ServerOptions server_options, Handler& server_handler)
      : options(std::move(server_options)), runtime(server_runtime) {
    // Ids of servers, in one process or one after another, differ by when they were made.
    const auto made = std::chrono::system_clock::now().time_since_epoch();
    std::array<char, 16> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                   std::chrono::duration_cast<std::chrono::microseconds>(made).count(), 16);
    for (std::size_t i = 0; i < runtime.thread_count(); ++i) {
      auto& shard = shards.emplace_back(std::make_unique<Shard>(runtime.executor(i), options, server_handler));
      shard->id_prefix.assign(digits.data(), end.ptr);
      shard->id_prefix += '-';
      shard->next_id = i;
      shard->id_step = runtime.thread_count();
    }
  }

  Task<void> accept_loop();
  void admit(Shard& shard, tcp::socket socket);

  const ServerOptions options;
  async::Runtime& runtime;
  std::vector<std::unique_ptr<Shard>> shards;
  std::optional<tcp::acceptor> acceptor;  // the first shard's, once the server has started
  std::uint16_t port = 0;
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::size_t> open{0};
  std::atomic<std::size_t> being_refused{0};
  async::TaskGroup group;  // the accept loop and every connection
};

Task<void> Server::Impl::accept_loop() {
  for (std::size_t next = 0; !group.is_stopping(); ++next) {
    Shard& shard = *shards[next % shards.size()];
    auto [error, socket] = co_await acceptor->async_accept(shard.executor, kAwait);
    if (!error) {
      admit(shard, std::move(socket));
    } else if (error != asio::error::connection_aborted) {
      (void)co_await group.sleep_for(kAcceptRetry);
    }
  }
  co_return Result<void>();
}

void Server::Impl::admit(Shard& shard, tcp::socket socket) {
  accepted.fetch_add(1, std::memory_order_relaxed);
  if (open.load(std::memory_order_relaxed) < options.max_connections) {
    group.spawn(shard.executor, serve(shard, std::move(socket), Counted(open)));
    return;
  }
  refused.fetch_add(1, std::memory_order_relaxed);
  if (being_refused.load(std::memory_order_relaxed) < kMaxRefusedAtOnce) {
    group.spawn(shard.executor, refuse(shard, std::move(socket), Counted(being_refused)));
  }
}

Server::Server(async::Runtime& runtime, ServerOptions options, Handler& handler)
    : impl_(std::make_unique<Impl>(runtime, std::move(options), handler)) {}

Server::~Server() = default;

Result<void> Server::start() {
  TARN_ASSERT(!impl_->acceptor);
  const auto& executor = impl_->shards.front()->executor;
  TARN_TRY(const auto endpoint, resolve(impl_->options, executor));
  tcp::acceptor acceptor(executor);
  boost::system::error_code error;
  acceptor.open(endpoint.protocol(), error);
  // A port whose last connections are in TIME_WAIT is free; one that someone listens on is not.
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (error) {
    return failure(ErrorCode::kUnavailable, "listen on " + impl_->options.host + ":" +
                                                std::to_string(impl_->options.port) + ": " + error.message());
  }
  impl_->port = acceptor.local_endpoint().port();
  impl_->acceptor = std::move(acceptor);
  impl_->group.spawn(executor, impl_->accept_loop());
  return {};
}

std::uint16_t Server::port() const {
  return impl_->port;
}

Task<void> Server::stop(Deadline deadline) {
  Impl& impl = *impl_;
  for (const auto& shard : impl.shards) {
    TARN_CO_TRY_VOID(co_await run_on(shard->executor, [&impl, &shard] {
      boost::system::error_code ignored;
      if (shard == impl.shards.front() && impl.acceptor) impl.acceptor->close(ignored);
      shard->is_stopping = true;
      for (ServerConnection* const connection : shard->connections) connection->begin_stop();
    }));
  }
  auto ended = co_await impl.group.stop(deadline);
  if (ended) co_return ended;
  for (const auto& shard : impl.shards) {
    TARN_CO_TRY_VOID(co_await run_on(shard->executor, [&shard] {
      for (ServerConnection* const connection : shard->connections) connection->cut();
    }));
  }
  co_return co_await impl.group.stop(Deadline::after(kGraceAfterCut));
}

ServerStatistics Server::statistics() const {
  ServerStatistics statistics;
  statistics.connections_accepted = impl_->accepted.load(std::memory_order_relaxed);
  statistics.connections_open = impl_->open.load(std::memory_order_relaxed);
  statistics.connections_refused = impl_->refused.load(std::memory_order_relaxed);
  for (const auto& shard : impl_->shards) statistics.requests += shard->requests.load(std::memory_order_relaxed);
  return statistics;
}

}  // namespace tarn::http
