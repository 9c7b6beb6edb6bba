// The resources: each a small file that turns a Call into an Answer.
//
// Errors   a Refusal, which becomes a problem document.
// Threads  as the Call.
#pragma once

#include "api/rest/answer.h"
#include "api/rest/call.h"
#include "api/rest/refusal.h"

namespace tlsrpt::api {

// ops.cc
Rest<Answer> GetLive(const Call& call);
Rest<Answer> GetReady(const Call& call);
Rest<Answer> GetMetrics(const Call& call);
Rest<Answer> GetOpenApi(const Call& call);
// status.cc
Rest<Answer> GetStatus(const Call& call);
// domains.cc
Rest<Answer> ListDomains(const Call& call);
Rest<Answer> AddDomain(const Call& call);
Rest<Answer> GetDomain(const Call& call);
Rest<Answer> RemoveDomain(const Call& call);
// fleet.cc
Rest<Answer> GetFleet(const Call& call);
Rest<Answer> ListChanges(const Call& call);
// summary.cc, failures.cc, readiness.cc
Rest<Answer> GetSummary(const Call& call);
Rest<Answer> ListFailures(const Call& call);
Rest<Answer> GetReadiness(const Call& call);
// waivers.cc, domain_settings.cc
Rest<Answer> ListWaivers(const Call& call);
Rest<Answer> AddWaiver(const Call& call);
Rest<Answer> WithdrawWaiver(const Call& call);
Rest<Answer> GetSettings(const Call& call);
Rest<Answer> ChangeSettings(const Call& call);
// incidents.cc, observations.cc
Rest<Answer> ListIncidents(const Call& call);
Rest<Answer> ListObservations(const Call& call);
// reports.cc
Rest<Answer> ListReports(const Call& call);
Rest<Answer> GetReport(const Call& call);
Rest<Answer> GetReportRaw(const Call& call);
// receipts.cc
Rest<Answer> ListReceipts(const Call& call);
Rest<Answer> GetReceipt(const Call& call);
Rest<Answer> GetReceiptRaw(const Call& call);
Rest<Answer> ListQuarantine(const Call& call);

}  // namespace tlsrpt::api
