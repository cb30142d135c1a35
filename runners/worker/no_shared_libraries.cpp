// A static program must neither resolve names nor load modules: glibc would look for the very
// shared libraries that it does without. Laggard's workers use numeric addresses and OpenSSL's
// built-in algorithms alone; these stand in for what OpenSSL and Asio refer to and nobody needs.
#include <netdb.h>

extern "C" {

int getaddrinfo(const char*, const char*, const addrinfo*, addrinfo** result) {
  *result = nullptr;
  return EAI_FAIL;
}

void freeaddrinfo(addrinfo*) {}

hostent* gethostbyname(const char*) { return nullptr; }

// By --wrap: glibc's own start refers to the real one.
void* __wrap_dlopen(const char*, int) { return nullptr; }

}  // extern "C"
