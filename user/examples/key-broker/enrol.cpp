// SPDX-License-Identifier: MIT
#include "enrol.hpp"

#include <tsmfd/evidence/policy.hpp>
#include <tsmfd/evidence/tpm_key.hpp>
#include <tsmfd/evidence/tpm_report.hpp>
#include <tsmfd/hex.hpp>

#include <cstdio>
#include <fstream>
#include <string_view>

#include <nlohmann/json.hpp>

namespace keybroker {

namespace {

using tsmfd::ByteSpan;
using tsmfd::Check;
using tsmfd::fail;
using tsmfd::Result;
using Json = nlohmann::ordered_json;

void write_bytes(std::ofstream& to, ByteSpan bytes) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    to.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

// The values that the event log leads to, by the names that a policy has for PCRs.
Json pcrs_of(const tsmfd::Verification& verification) {
    constexpr std::string_view prefix = "pcr ";
    Json pcrs = Json::object();
    for (const Check& check : verification.checks) {
        if (check.name.starts_with(prefix) && check.outcome == Check::Outcome::unasked)
            pcrs[check.name.substr(prefix.size())] = Json::array({check.detail});
    }
    return pcrs;
}

} // namespace

bool has_passed(const tsmfd::Verification& verification, std::string_view name) {
    const Check* check = verification.find(name);
    return check != nullptr && check->outcome == Check::Outcome::passed;
}

Result<void> keep_evidence(const std::string& path, const tsmfd::Evidence& evidence) {
    const std::string beside = path + ".new";
    std::ofstream out(beside, std::ios::binary | std::ios::trunc);
    write_bytes(out, evidence.outblob);
    write_bytes(out, evidence.auxblob);
    out.close();
    if (!out || std::rename(beside.c_str(), path.c_str()) != 0)
        return fail("write " + path, errno != 0 ? errno : EIO);
    return {};
}

Result<std::string> policy_of(const tsmfd::Evidence& evidence) {
    if (!tsmfd::is_tpm_report(evidence.outblob))
        return fail("make a policy of evidence that is no TPM's", EOPNOTSUPP);
    const auto report = tsmfd::parse_tpm_report(evidence.outblob);
    if (!report)
        return std::unexpected(report.error());
    // Whose key that is, a person says.
    const auto own =
        tsmfd::Policy().tpm(tsmfd::TpmPolicy().keys({report->public_key}).any_measurement(true));
    const auto verification = own.verify(evidence, {});
    if (!has_passed(verification, "signature"))
        return fail("make a policy: the evidence's signature is not its key's", EBADMSG);
    for (const Check& check : verification.checks) {
        if (check.outcome == Check::Outcome::failed)
            return fail("make a policy: " + check.name + ": " + check.detail, EBADMSG);
    }
    const Json pcrs = pcrs_of(verification);
    if (pcrs.empty())
        return fail("make a policy: the evidence has no event log", EBADMSG);
    const auto key = tsmfd::TpmKey::parse(report->public_key);
    const Json policy = {
        {"tpm", {{"key_names", Json::array({tsmfd::to_hex(key->name())})}, {"pcrs", pcrs}}}};
    return policy.dump(4) + "\n";
}

} // namespace keybroker
