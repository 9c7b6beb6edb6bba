#include "cmd/first_steps.h"

#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>

#include "base/shell_word.h"

namespace tlsrpt::cmd {
namespace {

namespace fs = std::filesystem;

// " --data-dir ..." where a call without it would look elsewhere.
std::string DataDirFlag(const Settings& settings) {
  std::error_code error;
  const fs::path used = fs::weakly_canonical(settings.data_dir, error);
  if (used == fs::weakly_canonical(settings.default_data_dir, error)) return "";
  return " --data-dir " + ShellWord(used);
}

// Not the DSN itself: it may hold a password, and this may end up in a journal.
std::string DatabaseHint(const Settings& settings) {
  return settings.database.empty()
             ? ""
             : "  Each `tlsrptd` below also needs the --database of this one.\n";
}

// Nobody's answer: a server whose standard output cannot be written ends no worse for it.
void Show(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
  std::clearerr(stdout);
}

}  // namespace

void PrintFirstSteps(const Settings& settings, std::uint16_t smtp_port) {
  const std::string address =
      settings.smtp.listen.substr(0, settings.smtp.listen.rfind(':'));
  const std::string domain =
      settings.domains.empty() ? "firm.example" : settings.domains.front();
  const std::string where = DataDirFlag(settings);
  std::string text = "\ntlsrptd listens for SMTP on " + address + " port " +
                     std::to_string(smtp_port) + ".\nData is in " + settings.data_dir +
                     ".\n\nNext:\n" + DatabaseHint(settings);
  if (settings.domains.empty()) {
    text += "  tlsrptd domain add " + domain + where + "\n      makes a domain yours.\n";
  }
  text += "  _smtp._tls." + domain + ". TXT \"v=TLSRPTv1; rua=mailto:tlsrpt@" + domain +
          "\"\n"
          "      in your DNS asks senders for a report a day (RFC 8460, 3). They mail it "
          "to\n"
          "      that address, so its mail must arrive here on port 25.\n"
          "  If the domain's MX is elsewhere (Google, Microsoft 365), use a name of its "
          "own,\n"
          "      rua=mailto:tlsrpt@reports." +
          domain +
          ", with an MX record that points here and\n"
          "      --recipient tlsrpt@reports." +
          domain +
          ".\n"
          "  tlsrptd status" +
          where +
          "\n"
          "      what came in\n"
          "  tlsrptd readiness " +
          domain + where +
          "\n"
          "      may it enforce, and if not, what stands in the way\n\n";
  Show(text);
}

void PrintPage(const Settings& settings, std::uint16_t port, bool on_loopback) {
  const std::string& listen = settings.api.listen;
  const std::string address = listen.substr(0, listen.rfind(':'));
  const bool any = address == "0.0.0.0" || address == "[::]";
  std::string text = "The page: http://" + (any ? "NAME-OF-THIS-MACHINE" : address) +
                     ":" + std::to_string(port) + "/\n";
  if (!on_loopback) {
    text += DatabaseHint(settings) + "  It asks for a token; `tlsrptd token create" +
            DataDirFlag(settings) + "` makes one.\n";
  }
  Show(text + "\n");
}

}  // namespace tlsrpt::cmd
