#include "cmd/first_steps.h"

#include <cstdio>
#include <string>

namespace tlsrpt::cmd {
namespace {

// Nobody's answer: a server whose standard output cannot be written ends no worse for it.
void Shown() {
  std::fflush(stdout);
  std::clearerr(stdout);
}

}  // namespace

void PrintFirstSteps(const Settings& settings, std::uint16_t smtp_port) {
  const std::string address =
      settings.smtp.listen.substr(0, settings.smtp.listen.rfind(':'));
  const std::string domain =
      settings.domains.empty() ? "firm.example" : settings.domains.front();
  std::printf(
      "\n"
      "tlsrptd listens for SMTP on %s port %u.\n"
      "Data is in %s.\n"
      "\n"
      "Next:\n",
      address.c_str(), smtp_port, settings.data_dir.c_str());
  if (settings.domains.empty()) {
    std::printf("  tlsrptd domain add %s\n      makes a domain yours.\n", domain.c_str());
  }
  std::printf(
      "  _smtp._tls.%s. TXT \"v=TLSRPTv1; rua=mailto:tlsrpt@%s\"\n"
      "      in your DNS asks senders for a report a day (RFC 8460, 3). They mail it to\n"
      "      that address, so its mail must arrive here on port 25.\n"
      "  If the domain's MX is elsewhere (Google, Microsoft 365), use a name of its "
      "own,\n"
      "      rua=mailto:tlsrpt@reports.%s, with an MX record that points here and\n"
      "      --recipient tlsrpt@reports.%s.\n"
      "  tlsrptd status             what came in\n"
      "  tlsrptd readiness %s\n"
      "                             may it enforce, and if not, what stands in the "
      "way\n\n",
      domain.c_str(), domain.c_str(), domain.c_str(), domain.c_str(), domain.c_str());
  Shown();
}

void PrintPage(const std::string& listen, std::uint16_t port, bool on_loopback) {
  const std::string address = listen.substr(0, listen.rfind(':'));
  const bool any = address == "0.0.0.0" || address == "[::]";
  std::printf("The page: http://%s:%u/\n", any ? "NAME-OF-THIS-MACHINE" : address.c_str(),
              port);
  if (!on_loopback) {
    std::printf("  It asks for a token; `tlsrptd token create` makes one.\n");
  }
  std::printf("\n");
  Shown();
}

}  // namespace tlsrpt::cmd
