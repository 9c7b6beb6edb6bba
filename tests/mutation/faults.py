"""Small faults that somebody could make, each with the program that must notice it.

A fault is (why it matters, file, what stands there, what is put in its place). `old`
stands exactly once in the file; a change that moves it moves the fault along, or the
fault goes with what it was about. PROGRAMS are tests of the preset `dev`, with a filter
where the rest of the program has nothing to say.
"""

SESSION = "ingest/smtp/session.cc"
READER = "ingest/smtp/message_reader.cc"
HTTP = "base/net/http_reader.cc"
COUNTS = "ingest/report/session_counts.cc"
DETAILS = "ingest/report/failure_details.cc"
FIELDS = "ingest/report/fields.cc"
PARSER = "ingest/report/report_parser.cc"
TIME = "ingest/report/report_time.cc"
TREE = "ingest/report/json_tree.cc"
UNPACK = "ingest/unpack/unpack.cc"
WALKER = "ingest/unpack/mime_walker.cc"
FILING = "store/model/filing.cc"
CASE = "api/readiness/case.cc"
INTAKE = "api/readiness/criteria_intake.cc"
BATCH = "store/writer/batch.cc"
WRITER = "store/writer/writer.cc"

SMTP = [
    ("a CR behind the dot is forgotten: half of SMTP smuggling", READER,
     "if (!ended_) at_ = At::kTextCr;", "if (!ended_) at_ = At::kText;"),
    ("a bare LF is part of a message", READER,
     "if (lf != text.npos) Fail(MessageFault::kBareLineEnding);", ""),
    ("a bare CR may end the last chunk", READER,
     "if (at_ == At::kTextCr) Fail(MessageFault::kBareLineEnding);", ""),
    ("a message of exactly the limit is refused", READER,
     "if (bytes.size() > max_bytes_ - body_.size())",
     "if (bytes.size() >= max_bytes_ - body_.size())"),
    ("a bare LF ends a command", SESSION,
     "if (lf > 0 ? bytes[lf - 1] == '\\r' : line_.ends_with('\\r')) break;", "break;"),
    ("commands behind STARTTLS are kept for after the handshake (CVE-2011-0411)", SESSION,
     "if (state_ == State::kAwaitTls) return {taken, SmtpWant::kStartTls};\n", ""),
    ("STARTTLS in the middle of what was read: the rest is executed", SESSION,
     "      case State::kAwaitTls:\n        return {bytes.size(), SmtpWant::kStartTls};",
     "      case State::kAwaitTls:\n        return {taken, SmtpWant::kStartTls};"),
    ("a transaction outlives the handshake (RFC 3207, 4.2)", SESSION,
     "  ResetTransaction();\n  helo_.clear();", "  helo_.clear();"),
    ("a relay for everybody", SESSION,
     "if (!settings_.recipients->Get()->Accepts(path->local_part, path->domain)) {",
     "if (path->local_part.empty()) {"),
    ("DATA without a recipient", SESSION, "  if (to_.empty()) {\n", "  if (false) {\n"),
    ("a chunk that cannot fit is gathered all the same", SESSION,
     "if (chunk->bytes > settings_.limits.max_message_bytes - reader_->body_bytes()) {",
     "if (chunk->bytes > 2 * settings_.limits.max_message_bytes) {"),
    ("who talks nonsense may talk for ever", SESSION,
     "if (++error_count_ <= settings_.limits.max_errors) return;",
     "if (++error_count_ > 0) return;"),
    ("the errors of a relay add up over its messages", SESSION,
     "  error_count_ = 0;\n", ""),
    ("behind a broken BDAT line its chunk is executed", SESSION,
     "if (!StartsWithIgnoreCase(line, kChunkVerb)) {", "if (true) {"),
    ("LMTP: one answer, however many recipients (RFC 2033, 4.2)", SESSION,
     "for (std::size_t i = 0; i < answer_count_; ++i) AppendReply(reply, out);",
     "AppendReply(reply, out);"),
    ("memory runs short, and a whole message is dropped", SESSION,
     "if (state_ == State::kMessageInHand) return;\n", ""),
    ("any local part that begins like ours is ours", "ingest/smtp/recipients.cc",
     "if (local == kReportLocalPart) return IsOurs(stored);",
     "if (local.starts_with(kReportLocalPart)) return IsOurs(stored);"),
    ("text glued to a path is read as a parameter", "ingest/smtp/address.cc",
     "if (!blank_follows) return std::nullopt;", "(void)blank_follows;"),
    ("BODY=BINARYMIME is taken and not meant", "ingest/smtp/command.cc",
     "return known ? ParameterFault::kNone : ParameterFault::kUnknown;",
     "(void)known;\n    return ParameterFault::kNone;"),
]

HTTP_READER = [
    ("two Content-Length that agree", HTTP,
     'CountHeader(request_, "Content-Length") > 1 || ', ""),
    ("Content-Length beside chunks: request smuggling", HTTP,
     'http_1_0_ || request_.HasHeader("Content-Length") ||', "http_1_0_ ||"),
    ("any text is a Host", HTTP, '!IsHost(request_.Header("Host"))', '!IsHost("")'),
    ("a folded line that another server reads otherwise", HTTP,
     'head.find("\\r\\n ") != head.npos || ', ""),
    ("chunks are each as large as the whole may be", HTTP,
     "size > max_body_bytes_ - request_.body.size()", "size > max_body_bytes_"),
    ("a control character in a chunk extension", HTTP,
     "static_cast<unsigned char>(c) >= 0x20;", "static_cast<unsigned char>(c) >= 0x01;"),
]

HTTPS = [
    ("plain text is trusted as TLS is", "ingest/https/trust.cc",
     "if (!request.tls) return false;", ""),
    ("what a proxy passes on is trusted", "ingest/https/trust.cc",
     'EqualsIgnoreCase(header, "Via") ||', ""),
    ("every address may be trusted", "ingest/https/trust.cc",
     "network->prefix_bits == 0", "network->prefix_bits > 128"),
    ("whatever comes is taken, reports or not", "ingest/https/post.cc",
     "if (Sniff(request.body) == Magic::kNone) {", "if (request.body == \"no\") {"),
]

MAIL = [
    ("two base64 texts in one part are one", "ingest/mail/base64.cc",
     'if (padding > 0) return Malformed("text after the padding", i);', ""),
    ("a base64 text cut in a group is whole", "ingest/mail/base64.cc",
     'if (in_group == 1) return Malformed("a character alone", text.size());', ""),
    ("two From fields, the first of which is shown", "ingest/mail/from_address.cc",
     'if (header.Count("From") != 1) return {};', 'if (header.Count("From") < 1) return {};'),
    ("a header that was cut is said to be whole", "ingest/mail/header_block.cc",
     "      block.cut = true;\n      break;", "      break;"),
]

UNPACKING = [
    ("one byte more than the limit", "ingest/unpack/inflater.cc",
     "      if (used > max_output_bytes) {", "      if (used > max_output_bytes + 1) {"),
    ("an output without a limit", "ingest/unpack/inflater.cc",
     "const std::size_t most = max_output_bytes + 1;",
     "const std::size_t most = 10 * max_output_bytes + 1;"),
    ("only the first member of a gzip is read", "ingest/unpack/gunzip.cc",
     "while (LooksLikeGzip(gz)) {", "for (bool first = true; first; first = false) {"),
    ("each gzip of a mail has the whole allowance", "ingest/unpack/gunzip.cc",
     "  }\n  *room -= out.size();\n", "  }\n"),
    ("each damaged gzip of a mail has the whole allowance", "ingest/unpack/gunzip.cc",
     "      *room -= out.size();\n", ""),
    ("each archive of a mail has the whole allowance", "ingest/unpack/payload.cc",
     "  room_ -= room;\n", ""),
    ("the entries of an archive may be the same bytes", "ingest/unpack/unzip.cc",
     "      unread_ -= entry.packed_bytes;\n", ""),
    ("a file of an archive is not counted", "ingest/unpack/payload.cc",
     "    if (!TakeFile()) return;\n", ""),
    ("a part whose encoding is damaged is not counted", UNPACK,
     "if (unwrapper_.TakeFile()) Fail(leaf, decoded->error());",
     "Fail(leaf, decoded->error());"),
    ("files are left out in silence", UNPACK,
     "    if (unwrapper_.left_out) unpacked_.failures.push_back(*unwrapper_.left_out);\n",
     ""),
    ("of two TLS-Report-Domain fields the first is believed",
     "ingest/unpack/domain_hint.cc",
     "header.Count(name) == 1", "header.Count(name) >= 1"),
    ("each bad entry of a zip has the whole allowance", "ingest/unpack/unzip.cc",
     "        room_ -= out.size();\n", ""),
    ("a zip entry with a wrong check sum", "ingest/unpack/unzip.cc",
     "out.size()) != crc) {", "out.size()) != crc && crc == 1) {"),
    ("a signature vouches for a header that can be read in two ways", UNPACK,
     "plain(part.header) && plain(walk.messages.front().header);", "plain(part.header);"),
    ("a signature vouches for any attachment", UNPACK,
     'return part.direct && part.type.type.starts_with("application/tlsrpt+") &&',
     "return part.direct &&"),
    ("a signature vouches for what a bounce carries", WALKER,
     "(entity.is_message && message == 0);", "entity.is_message;"),
    ("a boundary that begins like another ends it", WALKER,
     "if (text == boundary) return", "if (text.starts_with(boundary)) return"),
    ("a mail nested without end", WALKER,
     "(multipart || wraps) && entity.depth >= kMaxMimeDepth",
     "(multipart || wraps) && entity.depth >= 1000 * kMaxMimeDepth"),
    ("a mail that says it is a report and holds none is ordinary", UNPACK,
     "unpacked_.ordinary = !claims_;", "unpacked_.ordinary = true;"),
]

# What only the growth of time shows.
UNPACKING_TIME = [
    ("each member of a gzip clears as much as there is", "ingest/unpack/inflater.cc",
     "used + std::max(used - begin, kFirstChunkBytes)",
     "std::max(2 * used, used + kFirstChunkBytes)"),
]

REPORT = [
    ("of two failure counts the smaller may win", COUNTS,
     "summary.failure = std::max(summary.failure, count.sessions);",
     "summary.failure = count.sessions;"),
    ("of two success counts the larger wins", COUNTS,
     "std::min(summary.success, count.sessions)",
     "std::max(summary.success, count.sessions)"),
    ("an unreadable failure count is no failure", COUNTS,
     "  if (summary.failure_unreadable) {", "  if (false) {"),
    ("unreadable details are no failure", COUNTS,
     "if (details.unreadable && unexplained == 0) {", "if (false) {"),
    ("failures that no detail explains are not unexplained", COUNTS,
     "std::max({failures - details.kept_sessions, details.cut_sessions, std::int64_t{0}})",
     "std::max({details.cut_sessions, std::int64_t{0}})"),
    ("half a failed session is none", FIELDS,
     "rounding == Rounding::kUp ? std::ceil(number) : std::floor(number);",
     "std::floor(number);"),
    ("a count below zero is zero", FIELDS,
     "  if (std::isnan(number) || number < 0) {\n"
     "    notes.Add(AnomalyCode::kCountClamped, path);\n"
     "    return {Count::State::kUnreadable, 0};",
     "  if (std::isnan(number) || number < 0) {\n"
     "    notes.Add(AnomalyCode::kCountClamped, path);\n"
     "    return {Count::State::kRead, 0};"),
    ("a count past 64 bits is what is left of it", FIELDS,
     "std::min(number, kMost)", "number & 0xFFFF"),
    ("a detail without a count is no failure", DETAILS,
     "return unreadable ? std::max<std::int64_t>(sessions, 1) : sessions;",
     "(void)unreadable;\n  return sessions;"),
    ("details past the limit are forgotten", DETAILS,
     "      details_->cut_sessions += CutSessions(value, path);\n", ""),
    ("of two modes in a policy the last wins", "ingest/report/policy_text.cc",
     "if (mode_seen_ && read != policy_->mode) {", "if (false) {"),
    ("of two policies the first wins", "ingest/report/policy_fields.cc",
     "result->policy.reset();  // two policies are none", ""),
    ("of two days the last wins", PARSER,
     "} else if (time && *time != *read) {", "} else if (false) {"),
    ("an entry that is no object says that nothing failed", PARSER,
     "result.failure_sessions = result.unexplained_sessions = 1;", ""),
    ("west is east", TIME, "(west ? -1 : 1)", "(west ? 1 : 1)"),
    ("an offset of 24 hours", TIME, "if (oh > 23 || om > 59)", "if (oh > 24 || om > 59)"),
    ("text behind a time", TIME,
     'if (!in.AtEnd()) return malformed("text after the time");', ""),
    ("JSON nested without end", TREE,
     "    if (depth_ == kMaxJsonDepth) {", "    if (depth_ == kMaxJsonDepth + 1) {"),
    ("a second report behind the first is lost", TREE,
     "if (json.find('{', next) != std::string_view::npos) {", "if (false) {"),
]

MODEL = [
    ("Microsoft's sessions count twice", FILING,
     "std::max(all(sts), all(tlsa))", "all(sts) + all(tlsa)"),
    ("a report that ends at midnight is the next day's", FILING,
     "return floor<days>(start + (end - start) / 2);", "return floor<days>(end);"),
    ("sessions of nobody's domain are dropped", FILING,
     "if (report.results[i].policy_domain.empty()) {", "if (false) {"),
    ("a period without end", FILING,
     "report.period_end - report.period_start > kMaxPeriod",
     "report.period_end - report.period_start > 100 * kMaxPeriod"),
    ("one report for each signer is one report", FILING,
     ".Add(policy_domain);", ".Add(std::string_view());"),
]

VOUCH = [
    ("a key under test vouches", "ingest/dkim/vouch.cc",
     'if (result.testing) return "the key says that it is only tested (t=y)";', ""),
    ("any signature vouches for any From", "ingest/dkim/vouch.cc",
     "if (!aligned) continue;", ""),
    ("a body that was altered", "ingest/dkim/verify.cc",
     'return give(DkimOutcome::kFail, "body hash did not verify");', ""),
    ("a header with two From fields", "ingest/dkim/verify.cc",
     'const std::size_t count = header_.Count("From"); count != 1)',
     'const std::size_t count = header_.Count("From"); count < 1)'),
]

READINESS = [
    ("the window ends yesterday, before reports are in", "api/readiness/window.cc",
     "const sys_days last = today - days{settle_days};",
     "const sys_days last = today - days{settle_days - 1};"),
    ("failures under an unknown policy type refuse nothing", "api/readiness/failures.cc",
     "(row.policy_type == PolicyType::kSts || row.policy_type == PolicyType::kOther)",
     "(row.policy_type == PolicyType::kSts)"),
    ("evidence of a week ago is as good as none lately",
     "api/readiness/criteria_evidence.cc",
     "if (enough && !recent.days.empty()) {", "if (enough) {"),
    ("any address of a counted reporter counts (calendar invitations)", CASE,
     "return row.vouched && row.from_known &&", "return row.vouched &&"),
    ("a copy that nobody vouches for is evidence", CASE,
     "row.vouched != are_vouched || ", "false && row.vouched != are_vouched || "),
    ("another mode than the served one is evidence", CASE,
     "return key->mode == view.served()->mode &&\n         std::all_of",
     "return std::all_of"),
    ("success before a new MX host is evidence for it", CASE,
     "if (view.mx_added_on() && row.day <= *view.mx_added_on()) return false;", ""),
    ("a report under two signers counts twice", CASE,
     "if (IsEvidence(*row) && owner.at(row->report_key) == row->reporter) {",
     "if (IsEvidence(*row)) {"),
    ("little traffic with refusals is ready", "api/readiness/low_traffic.cc",
     "refused.empty() && EnoughForLowTraffic", "EnoughForLowTraffic"),
    ("what is not known is ready", "api/readiness/decide.cc",
     "FirstBlocking(verdict.criteria, Status::kUnknown)",
     "FirstBlocking(verdict.criteria, Status::kFail)"),
    ("enforcing at risk looks healthy to a pipeline", "api/readiness/exit_code.cc",
     "return verdict.health == Health::kOk ? 4 : 5;", "return 4;"),
    ("a waiver accepts more than it says", "api/readiness/waivers.cc",
     "use.later_sessions > *waiver.max_sessions", "use.later_sessions < 0"),
    ("a waiver reaches beyond its end", "api/readiness/waivers.cc",
     "waiver.until && std::max(row->last_day, row->day) <= *waiver.until",
     "waiver.until"),
    ("a mute goes on for ever", "api/readiness/waivers.cc",
     "} else if (mute.until < DayOf(now)) {", "} else if (false) {"),
    ("a policy text that was cut is the policy", "api/readiness/policy_history.cc",
     "if (key.mode == PolicyMode::kTesting && key.mx.empty()) return std::nullopt;", ""),
    ("a look that was not whole settles failures", "api/readiness/live.cc",
     "if (look->observed_at < since || !look->complete) return false;",
     "if (look->observed_at < since) return false;"),
    ("a look from before settles failures", "api/readiness/live.cc",
     "if (look->observed_at < since || !look->complete) return false;",
     "if (!look->complete) return false;"),
    ("a certificate that ends tomorrow is fine", "api/readiness/live.cc",
     "      certificate.not_after - when >= NeedLeft(certificate, min_left)) {",
     "      true) {"),
    ("no success for days is no risk", "api/readiness/health.cc",
     "if (!AnySuccess(c, Lately(c, c.settings.risk_silent_days))) {", "if (false) {"),
    ("a reporter whose last fetch failed can get the policy",
     "api/readiness/criteria_retrieval.cc",
     "return newest_failures > 0 && newest_successes == 0;", "return false;"),
    ("refusals seen by reporters that are not counted vanish",
     "api/readiness/criteria_failures.cc",
     "failure.meaning == Meaning::kRefused && !c.IsCounted(row);",
     "failure.meaning == Meaning::kDane && !c.IsCounted(row);"),
    ("a daily reporter is forgotten once half a window went by without it", INTAKE,
     "if (!silent_after && !IsUsual(c, reported)) continue;",
     "if (!IsUsual(c, reported)) continue;"),
    ("a clock that fell back is believed", INTAKE,
     "if (node.heartbeat_at - c.asked_at > c.settings.max_heartbeat_age) {",
     "if (false) {"),
    ("what came while the domain was not ours is not waited for", INTAKE,
     "  if (intake.vouched_foreign > 0) {\n    open.push_back(",
     "  if (false) {\n    open.push_back("),
    ("silence about the domain is hidden by reports of an MX host",
     "api/readiness/coverage.cc", "return after ? after : SilentAfter(anywhere, c);",
     "return SilentAfter(anywhere, c);"),
    ("a policy that was withdrawn goes on with its two weeks",
     "api/readiness/policy_history.cc",
     "if (knew_it && !applied_on_.contains(day)) break_at(day);", ""),
    ("an entry that seems old is not waited for", INTAKE,
     "asked_at) - oldest > kUnderWay;",
     "asked_at) - oldest > kUnderWay &&\n"
     "         asked_at - oldest < std::chrono::days{14};"),
    ("what waits for DNS is taken for under way", INTAKE,
     "if (node.spool_waiting > 0) return true;", ""),
    ("a clock that fell back hides what waits", INTAKE,
     "return oldest > node.heartbeat_at ||", "return"),
    ("a node that stopped with reports in its spool is taken for busy", INTAKE,
     "std::max(node.heartbeat_at, asked_at) - oldest", "node.heartbeat_at - oldest"),
]

FLOW = [
    ("a report from where its reporter never writes displaces the real one", FILING,
     "if (context.from_elsewhere) {", "if (false) {"),
    ("one unreadable mail of a stranger stops every verdict", "ingest/flow/process.cc",
     "!named && IsVouched(vouched.provenance) && vouched.vouching.from_known",
     "!named && IsVouched(vouched.provenance)"),
    ("what is held is forgotten before its domain is ours", "ingest/flow/process.cc",
     "store::MayHoldBack(record_.receipt) ? kMaxHeldNames : 0", "0"),
    ("an MX host below a wildcard is held for ever", "ingest/flow/process.cc",
     "return !is_host || !store::IsAboutMxHosts(result.policy_type);", "return true;"),
    ("a field put before a signed one makes a report unreadable",
     "ingest/flow/mail_voucher.cc", "part.json.empty() && reads_one_way_",
     "part.json.empty()"),
    ("refusals whose key DNS does not give are nobody's", "ingest/flow/process.cc",
     "context.profiles->KnowsSigner(awaited) &&", "false &&"),
    ("without its key a mail without a report is held", "ingest/flow/process.cc",
     "record.receipt.report_count > 0) {", "true) {"),
    ("strangers fill the room in which reports wait for DNS", "ingest/flow/dns_wait.cc",
     "strangers_bytes_ + bytes > limits_.max_bytes / 2", "false"),
]

EVIDENCE = [
    ("what is held about an MX host holds back nobody", "store/queries/evidence.cc",
     "  std::vector<std::string> names = NamesOf(question);\n  intake",
     "  std::vector<std::string> names{question.domain};\n  intake"),
    ("of too much evidence a part is enough", "store/queries/evidence.cc",
     "if (++vouched > limits.vouched) return TooMuch(question);", "++vouched;"),
    ("of too many failures a part is enough", "store/queries/evidence.cc",
     "row.Bool(\"vouched\") && ++vouched > question.limits.vouched", "false"),
]

REQUESTS = [
    ("failures in details alone leave the fleet list as it is", BATCH,
     " || result.unexplained_sessions > 0 ||\n                   !result.details.empty();",
     ";"),
]

SPOOL = [
    ("mail is taken into a file that is no longer there", "ingest/spool/room.cc",
     "gone_ = !there || found != file_;", "gone_ = false;"),
]

REWORK = [
    ("a shorter retention puts what was stored into quarantine",
     "ingest/rework/rework.cc",
     "  if (IsHeldForItsAge(kept, record, context)) return std::nullopt;\n", ""),
    ("sessions count again with each look", "store/writer/rewriter.cc",
     "    gone.Add(touched);\n", ""),
    ("of two rows of one report the first takes both", "ingest/rework/kept_voucher.cc",
     "if (kept == nullptr || of_this_form) kept", "if (kept == nullptr) kept"),
]

WRITING = [
    ("a stranger's copy takes a reporter's failures out of the evidence",
     "store/queries/evidence.cc",
     "return !IsOfUnknownSigner(*first);",
     "return true;"),
    ("a second copy of a report is added to the sums", BATCH,
     "    store::SettleCopies(tx_, vouched);\n", ""),
    ("a stranger's policy text names MX hosts of ours", BATCH,
     "!IsVouched(report->provenance) || !report->vouching.from_known", "false"),
    ("whoever signs names MX hosts of ours", BATCH,
     "!IsVouched(report->provenance) || !report->vouching.from_known",
     "!IsVouched(report->provenance)"),
    ("a replayed receipt that is read otherwise adds rows", BATCH,
     "written_.contradicts_receipt |= !new_ids.contains(receipt->receipt_id);", ""),
    ("counters of a node begin again with each batch", BATCH,
     "least(total.value::numeric + EXCLUDED.value,", "least(EXCLUDED.value::numeric,"),
    ("a stranger's details fill a sum until it refuses every report",
     "store/writer/rollup.cc",
     "sum = std::min(sum + sessions, kMaxSessions);", "sum += sessions;"),
    ("failures of a day are those of its last batch", "store/writer/day_sums.cc",
     " sum.vouched_failure_sessions + EXCLUDED.vouched_failure_sessions,",
     " EXCLUDED.vouched_failure_sessions,"),
    ("unexplained failures are missing in the sums", "store/writer/rollup.cc",
     "if (result.unexplained_sessions > 0) {", "if (false) {"),
    ("what nobody vouches for is summed as vouched", "store/writer/rollup.cc",
     "    Day& row = days_[{report.policy_domain, report.day, kind}];\n"
     "    return vouched ? row.vouched : row.unvouched;",
     "    Day& row = days_[{report.policy_domain, report.day, kind}];\n"
     "    return vouched ? row.vouched : row.vouched;"),
    ("the wrong receipt of a batch is quarantined", WRITER,
     "WriteFrom(records.subspan(half), offset + half, result)",
     "WriteFrom(records.subspan(half), offset, result)"),
    ("policy texts known from before a restore are not written again", WRITER,
     "      // What was known may be gone: the database can have been set back to an older\n"
     "      // state while it was away.\n      known_ = {};", ""),
    ("a report that came twice is refused, not a duplicate", WRITER,
     'return error.sqlstate == "23505" || ', "return "),
]

# Test program, --gtest_filter, its faults. The random histories of readiness take minutes
# and say less than its tables of what is wrong.
PROGRAMS = [
    ("unit_ingest_smtp_test", "*", SMTP),
    ("unit_ingest_report_test", "-Growth*:Memory*", REPORT),
    ("unit_api_readiness_test", "-Properties*", READINESS),
    ("db_store_writer_test", "*", WRITING),
    ("unit_ingest_unpack_test", "-Growth*", UNPACKING),
    ("unit_ingest_unpack_test", "Growth*", UNPACKING_TIME),
    ("unit_ingest_mail_test", "*", MAIL),
    ("unit_ingest_dkim_test", "*", VOUCH),
    ("unit_store_model_test", "*", MODEL),
    ("unit_ingest_https_test", "*", HTTPS),
    ("unit_base_net_test", "HttpReader*", HTTP_READER),
    ("unit_ingest_flow_test", "*", FLOW),
    ("db_ingest_rework_test", "*", REWORK),
    ("db_store_queries_test", "QueriesTest*", EVIDENCE),
    ("db_store_fleet_test", "RequestsTest*", REQUESTS),
    ("unit_ingest_spool_test", "SpoolRoomTest*", SPOOL),
]
