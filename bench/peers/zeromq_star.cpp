// The peer of bench/star.py: rounds of a star of processes over ZeroMQ, ROUTER and DEALER on
// loopback TCP. The coordinator sends one vector to all workers, each answers with half of it, and
// the answers are summed.
//
//     zeromq_star WORKERS NUMBERS ROUNDS    prints the seconds that the rounds took
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

constexpr int kIoThreads = 2;

void require(bool done, const char* what) {
  if (done) return;
  std::fprintf(stderr, "zeromq_star: %s: %s\n", what, zmq_strerror(zmq_errno()));
  std::exit(1);
}

void receive(void* socket, zmq_msg_t& message) {
  require(zmq_msg_recv(&message, socket, 0) >= 0, "receiving");
}

// Until a message without numbers comes.
void work(const char* endpoint, int worker) {
  void* context = zmq_ctx_new();
  void* socket = zmq_socket(context, ZMQ_DEALER);
  zmq_setsockopt(socket, ZMQ_ROUTING_ID, &worker, sizeof worker);
  require(zmq_connect(socket, endpoint) == 0, endpoint);
  zmq_send(socket, "", 0, 0);  // ready
  zmq_msg_t task;
  zmq_msg_init(&task);
  while (receive(socket, task), zmq_msg_size(&task) > 0) {
    const std::size_t count = zmq_msg_size(&task) / sizeof(double);
    const auto* z = static_cast<const double*>(zmq_msg_data(&task));
    zmq_msg_t report;
    zmq_msg_init_size(&report, zmq_msg_size(&task));
    auto* x = static_cast<double*>(zmq_msg_data(&report));
    for (std::size_t j = 0; j < count; ++j) x[j] = z[j] / 2;
    require(zmq_msg_send(&report, socket, 0) >= 0, "sending");
  }
  zmq_close(socket);
  zmq_ctx_term(context);
}

class Coordinator {
 public:
  explicit Coordinator(int workers) : workers_(workers) {
    zmq_ctx_set(context_, ZMQ_IO_THREADS, kIoThreads);
    socket_ = zmq_socket(context_, ZMQ_ROUTER);
    const int unlimited = 0;
    zmq_setsockopt(socket_, ZMQ_SNDHWM, &unlimited, sizeof unlimited);
    zmq_setsockopt(socket_, ZMQ_RCVHWM, &unlimited, sizeof unlimited);
    require(zmq_bind(socket_, "tcp://127.0.0.1:*") == 0, "binding");
    std::size_t size = sizeof endpoint_;
    zmq_getsockopt(socket_, ZMQ_LAST_ENDPOINT, endpoint_, &size);
  }

  const char* endpoint() const { return endpoint_; }

  void wait_for_workers() {
    for (int answers = 0; answers < workers_; ++answers) take(nullptr);
  }

  void round(std::vector<double>& z) {
    zmq_msg_t message;
    zmq_msg_init_size(&message, z.size() * sizeof(double));
    std::memcpy(zmq_msg_data(&message), z.data(), z.size() * sizeof(double));
    broadcast(message);
    std::vector<double> sum(z.size());
    for (int answers = 0; answers < workers_; ++answers) take(&sum);
    for (std::size_t j = 0; j < z.size(); ++j) z[j] = sum[j] / workers_;
  }

  void end() {
    zmq_msg_t empty;
    zmq_msg_init(&empty);
    broadcast(empty);
    zmq_close(socket_);
    zmq_ctx_term(context_);
  }

 private:
  // Its content is shared by all, not copied.
  void broadcast(zmq_msg_t& message) {
    for (int worker = 0; worker < workers_; ++worker) {
      zmq_msg_t copy;
      zmq_msg_init(&copy);
      zmq_msg_copy(&copy, &message);
      require(zmq_send(socket_, &worker, sizeof worker, ZMQ_SNDMORE) >= 0, "sending");
      require(zmq_msg_send(&copy, socket_, 0) >= 0, "sending");
    }
    zmq_msg_close(&message);
  }

  void take(std::vector<double>* sum) {
    zmq_msg_t from, report;
    zmq_msg_init(&from);
    zmq_msg_init(&report);
    receive(socket_, from);
    receive(socket_, report);
    if (sum) {
      const auto* x = static_cast<const double*>(zmq_msg_data(&report));
      for (std::size_t j = 0; j < sum->size(); ++j) (*sum)[j] += x[j];
    }
    zmq_msg_close(&from);
    zmq_msg_close(&report);
  }

  int workers_;
  void* context_ = zmq_ctx_new();
  void* socket_ = nullptr;
  char endpoint_[256] = {};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: zeromq_star WORKERS NUMBERS ROUNDS\n");
    return 2;
  }
  const int workers = std::atoi(argv[1]), rounds = std::atoi(argv[3]);
  // Workers are forked before there are threads, and told later where to dial.
  int ends[2];
  if (pipe(ends) != 0) return 1;
  for (int worker = 0; worker < workers; ++worker) {
    if (fork() != 0) continue;
    char endpoint[256] = {};
    if (read(ends[0], endpoint, sizeof endpoint) != sizeof endpoint) return 1;
    work(endpoint, worker);
    return 0;
  }
  std::vector<double> z(static_cast<std::size_t>(std::atoi(argv[2])), 1.0);
  Coordinator coordinator(workers);
  for (int worker = 0; worker < workers; ++worker)
    if (write(ends[1], coordinator.endpoint(), 256) != 256) return 1;
  coordinator.wait_for_workers();
  const auto begin = std::chrono::steady_clock::now();
  for (int k = 0; k < rounds; ++k) coordinator.round(z);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  coordinator.end();
  while (wait(nullptr) > 0) continue;
  std::printf("%.9f\n", taken.count());
}
