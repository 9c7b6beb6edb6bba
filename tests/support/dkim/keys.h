// Keys to sign test mails with, and their records as a lookup.
//
// The RSA key of 1024 bits and the Ed25519 key are those of RFC 8463, app. A.2, so that
// signatures are the same in every run; the others are made when first asked for.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "ingest/dkim/key_lookup.h"

struct evp_pkey_st;

namespace tlsrpt::test {

using KeyPtr = std::shared_ptr<evp_pkey_st>;

std::string ReadCorpus(std::string_view name);  // a file of tests/corpus/dkim

const KeyPtr& Ed25519Key();
const KeyPtr& RsaKey(int bits = 1024);

std::string PrivatePem(const KeyPtr& key);
// The text of p=.
std::string PublicBase64(const KeyPtr& key);
std::string PublicPkcs1Base64(const KeyPtr& key);  // RSA, without SubjectPublicKeyInfo

// "v=DKIM1; k=...; " + tags + "; p=...".
std::string RecordOf(const KeyPtr& key, const std::string& tags = "");

// Names not in it do not exist.
using Records = std::map<std::string, std::vector<std::string>>;
ingest::DkimKeyLookup LookupOf(Records records);

}  // namespace tlsrpt::test
