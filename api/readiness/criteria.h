// One function per row of the table in DESIGN 6. Each answers from a Case alone and
// fills in every member of its Criterion.
//
// Threads  pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/readiness/case.h"
#include "api/readiness/verdict.h"

namespace tlsrpt::api {

// criteria_policy.cc
Criterion PolicyInTesting(const Case& c);
Criterion TestingLongEnough(const Case& c);

// criteria_evidence.cc: pass or unknown, never fail
Criterion DaysCovered(const Case& c);
Criterion ReportersSeen(const Case& c);
Criterion SessionsSeen(const Case& c);

// criteria_intake.cc: whether all reports are in
Criterion UsualReportersIn(const Case& c);
Criterion IntakeSettled(const Case& c);

// criteria_failures.cc
Criterion NoRefusedSessions(const Case& c);
Criterion UncorroboratedFailures(const Case& c);
Criterion FailuresAtMx(const Case& c);
Criterion UnvouchedFailures(const Case& c);
Criterion DaneHealth(const Case& c);

// criteria_retrieval.cc
Criterion PolicyRetrievable(const Case& c);

// criteria_dns.cc, criteria_served.cc, criteria_mx.cc: what only a look at the live
// domain can answer
Criterion DnsRecordsValid(const Case& c);
Criterion PolicyServed(const Case& c);
Criterion MxHostsReady(const Case& c);
Criterion IdInStep(const Case& c);

// Unknown until something is known.
Criterion NewCriterion(std::string id, Severity severity = Severity::kBlocking);

// Of what only a look can answer: off where nobody asks, unknown with its sentence where
// no fresh look has tried it (`looked`), else without a sentence: the rest is to be said.
Criterion NewLiveCriterion(const Case& c, std::string id, const std::string& what,
                           bool looked);

// Says that nobody has looked at the live domain lately, and how to be answered without.
std::string NoObservationRemedy(const Case& c);

// References to looks, newest first, each once; nullptr is left out.
std::vector<std::string> LookReferences(
    const std::vector<const store::Observation*>& looks, const std::string& domain);

}  // namespace tlsrpt::api
