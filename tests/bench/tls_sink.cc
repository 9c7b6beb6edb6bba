// Takes TLS connections and reads them to their end: what OpenSSL's handshake costs a
// server that does nothing else.
//
//   tls_sink CERTIFICATE_AND_KEY.pem      prints its port, then serves until it is ended
//
// The context is made as tlsrptd makes its own (base/net/tls_context.cc): TLS 1.2 and
// newer, no session tickets.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <thread>
#include <vector>

namespace {

constexpr int kThreads = 8;

void Serve(int listener, SSL_CTX* context) {
  for (;;) {
    const int socket = accept(listener, nullptr, nullptr);
    if (socket < 0) continue;
    SSL* const tls = SSL_new(context);
    SSL_set_fd(tls, socket);
    char room[4096];
    if (SSL_accept(tls) == 1) {
      while (SSL_read(tls, room, sizeof room) > 0) {
      }
    }
    SSL_free(tls);
    close(socket);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: tls_sink CERTIFICATE_AND_KEY.pem\n");
    return 64;
  }
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
  if (SSL_CTX_use_certificate_chain_file(context, argv[1]) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, argv[1], SSL_FILETYPE_PEM) != 1) {
    std::fprintf(stderr, "%s: no certificate with its key\n", argv[1]);
    return 66;
  }
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener, SOMAXCONN) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::perror("tls_sink");
    return 71;
  }
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(Serve, listener, context);
  for (std::thread& thread : threads) thread.join();
}
