// A worker for tests, on raw sockets: speaks the Runtime API and does what the payload says, item
// by item: {"do": ["print text", "sleep 0.2", "spin", "answer", ...]}. Also poses as the emulator.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <array>
#include <cctype>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

extern char** environ;

namespace {

struct Message {
  std::string head, body;
};

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string header(const Message& message, const std::string& name) {
  const std::string head = lower(message.head);
  const std::size_t at = head.find("\r\n" + lower(name) + ": ");
  if (at == std::string::npos) return "";
  const std::size_t start = at + name.size() + 4;
  return message.head.substr(start, message.head.find("\r\n", start) - start);
}

// Reads one message of known length.
Message receive(int socket) {
  std::string bytes;
  std::array<char, 65536> chunk;
  while (true) {
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end != std::string::npos) {
      Message message{bytes.substr(0, end + 2), bytes.substr(end + 4)};
      const std::string length = header(message, "Content-Length");
      const std::size_t size = length.empty() ? 0 : std::stoul(length);
      if (message.body.size() >= size) return message;
    }
    const ssize_t got = ::read(socket, chunk.data(), chunk.size());
    if (got <= 0) throw std::runtime_error("the connection ended");
    bytes.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

void send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::write(socket, bytes.data(), bytes.size());
    if (sent <= 0) throw std::runtime_error("cannot send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

int dial(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  sockaddr_in there{};
  there.sin_family = AF_INET;
  there.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
  ::inet_pton(AF_INET, address.substr(0, colon).c_str(), &there.sin_addr);
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&there), sizeof there) != 0) {
    throw std::runtime_error("cannot connect to " + address);
  }
  return socket;
}

Message call(const std::string& method, const std::string& path, const std::string& body = "",
             const std::string& headers = "") {
  const int socket = dial(std::getenv("AWS_LAMBDA_RUNTIME_API"));
  send_all(socket, method + " " + path + " HTTP/1.1\r\nHost: x\r\n" + headers +
                       "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  Message reply = receive(socket);
  ::close(socket);
  return reply;
}

std::vector<std::string> commands(const std::string& payload) {
  std::vector<std::string> all;
  std::size_t at = payload.find("\"do\"");
  if (at == std::string::npos) return all;
  at = payload.find('[', at);
  const std::size_t end = payload.find(']', at);
  while ((at = payload.find('"', at)) < end) {
    const std::size_t close = payload.find('"', at + 1);
    all.push_back(payload.substr(at + 1, close - at - 1));
    at = close + 1;
  }
  return all;
}

std::string field(const std::string& payload, const std::string& key) {
  const std::size_t at = payload.find("\"" + key + "\":\"");
  if (at == std::string::npos) return "";
  const std::size_t start = at + key.size() + 4;
  return payload.substr(start, payload.find('"', start) - start);
}

std::string variables() {
  std::string text;
  for (char** variable = environ; *variable; ++variable) text += std::string(*variable) + ";";
  return text;
}

int open_descriptors() {
  int count = 0;
  for (int i = 3; i < 4096; ++i) count += ::fcntl(i, F_GETFD) >= 0;
  return count;
}

bool answered = false;
int served = 0;

void answer(const std::string& id, const std::string& verb, const std::string& body) {
  const Message reply = call("POST", "/2018-06-01/runtime/invocation/" + id + "/" + verb, body);
  answered = reply.head.find(" 202 ") != std::string::npos;
  if (!answered) std::printf("refused: %s", reply.head.c_str());
}

// Connects to the payload's "connect", sends a line, and waits for the end of the connection.
std::string relay(const std::string& payload) {
  const int socket = dial(field(payload, "connect"));
  send_all(socket, "hello\n");
  std::array<char, 64> bytes;
  std::string heard;
  for (ssize_t got = 0; (got = ::read(socket, bytes.data(), bytes.size())) > 0;) {
    heard.append(bytes.data(), static_cast<std::size_t>(got));
  }
  ::close(socket);
  return heard;
}

void obey(const std::string& command, const Message& invocation, const std::string& id) {
  const std::size_t blank = command.find(' ');
  const std::string verb = command.substr(0, blank);
  const std::string rest = blank == std::string::npos ? "" : command.substr(blank + 1);
  if (verb == "print") std::printf("%s\n", rest.c_str());
  if (verb == "flood") std::printf("%s\n", std::string(std::stoul(rest), 'x').c_str());
  if (verb == "sleep") {
    std::this_thread::sleep_for(std::chrono::duration<double>(std::stod(rest)));
  }
  if (verb == "exit") std::exit(std::stoi(rest));
  if (verb == "abort") std::abort();
  if (verb == "fork") {
    const pid_t child = ::fork();
    if (child == 0) ::pause();
    std::printf("child %d\n", child);
  }
  if (verb == "allocate") {  // MB
    const std::size_t size = std::stoul(rest) << 20;
    char* bytes = static_cast<char*>(std::malloc(size));
    for (std::size_t i = 0; i < size; i += 4096) *static_cast<volatile char*>(bytes + i) = 1;
  }
  if (verb == "error") answer(id, "error", "{\"errorType\":\"Mine\",\"errorMessage\":\"no\"}");
  if (verb == "big") answer(id, "response", "\"" + std::string(std::stoul(rest), 'x') + "\"");
  if (verb == "environment") answer(id, "response", "\"" + variables() + "\"");
  if (verb == "headers") answer(id, "response", invocation.head);
  if (verb == "descriptors") answer(id, "response", std::to_string(open_descriptors()));
  if (verb == "relay") answer(id, "response", "\"" + relay(invocation.body) + "\"");
  if (verb == "echo") answer(id, "response", invocation.body);
  if (verb == "next") {
    std::printf("early next: %s", call("GET", "/2018-06-01/runtime/invocation/next").head.c_str());
  }
  if (verb == "stale") answer("no-such-id", "response", "1");
  std::fflush(stdout);
}

// SIGTERM reaches the function only once an internal extension is registered.
void enroll() {
  const Message reply = call("POST", "/2020-01-01/extension/register", "{\"events\":[]}",
                             "Lambda-Extension-Name: echo\r\n");
  const std::string id = header(reply, "Lambda-Extension-Identifier");
  std::thread([id] {
    call("GET", "/2020-01-01/extension/event/next", "",
         "Lambda-Extension-Identifier: " + id + "\r\n");
  }).detach();
}

// The function name says how the initialisation goes.
void initialise() {
  const std::string name = std::getenv("AWS_LAMBDA_FUNCTION_NAME");
  if (name == "hangs") ::pause();
  if (name == "exits") std::exit(7);
  if (name == "fails") {
    call("POST", "/2018-06-01/runtime/init/error",
         "{\"errorType\":\"Mine.Init\",\"errorMessage\":\"bad\"}");
    ::pause();
  }
  if (name == "extends") enroll();
  if (name == "stubborn") {
    std::signal(SIGTERM, SIG_IGN);
    enroll();
  }
}

int run() {
  initialise();
  while (true) {
    const Message invocation = call("GET", "/2018-06-01/runtime/invocation/next");
    const std::string id = header(invocation, "Lambda-Runtime-Aws-Request-Id");
    ++served;
    answered = false;
    for (const std::string& command : commands(invocation.body)) obey(command, invocation, id);
    if (answered) continue;
    answer(
        id, "response",
        "{\"pid\":" + std::to_string(::getpid()) + ",\"served\":" + std::to_string(served) + "}");
  }
}

// As aws-lambda-rie is called: takes a POST at a time, and answers for the worker.
int emulate(const std::string& address) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  const int yes = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_port =
      htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener, reinterpret_cast<sockaddr*>(&here), sizeof here) != 0) return 3;
  ::listen(listener, 8);
  while (true) {
    const int socket = ::accept(listener, nullptr, nullptr);
    try {
      const Message request = receive(socket);
      std::string body = "{\"emulated\":" + request.body + "}";
      if (request.body.find("timeout") != std::string::npos) {
        body = "Task timed out after 3.00 seconds";
      }
      if (request.body.find("crash") != std::string::npos) body = "{\"errorType\":\"Its.Error\"}";
      send_all(socket, "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
                           "\r\n\r\n" + body);
    } catch (const std::exception&) {  // somebody looked whether we listen
    }
    ::close(socket);
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  if (argc > 2 && std::strcmp(argv[1], "--runtime-interface-emulator-address") == 0) {
    return emulate(argv[2]);
  }
  try {
    return run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "echo runtime: %s\n", error.what());
    return 1;
  }
}
