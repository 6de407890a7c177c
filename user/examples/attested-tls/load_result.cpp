// SPDX-License-Identifier: MIT
#include "load_result.hpp"

#include <clock.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace attested {

namespace {

double milliseconds(std::uint64_t ns) {
    return static_cast<double>(ns) / stress::ns_per_ms;
}

double mean(std::uint64_t sum, std::uint64_t count) {
    return count > 0 ? static_cast<double>(sum) / static_cast<double>(count) : 0;
}

} // namespace

std::string text_of(const LoadSettings& settings, const LoadResult& result) {
    const auto at = [&result](double percent) {
        return milliseconds(result.latency.percentile(percent));
    };
    std::string text = fmt::format(
        "{} handshakes with {}, {} at a time: {:.1f}/s, p50 {:.1f} ms, p99 {:.1f} ms, max {:.1f} "
        "ms\n",
        result.done, settings.plain ? "no evidence" : "evidence", settings.concurrency,
        result.per_second(), at(50), at(99), milliseconds(result.latency.max()));
    if (!settings.plain)
        text += fmt::format("{} verified, {} wrong; {} by a batch's proof, of {:.1f} on the "
                            "average; {:.0f} bytes each\n",
                            result.verified, result.wrong, result.proofs,
                            mean(result.leaves, result.proofs),
                            mean(result.evidence_bytes, result.verified));
    if (!result.first_wrong.empty())
        text += "the first that was wrong: " + result.first_wrong + '\n';
    for (const auto& [why, count] : result.failed)
        text += fmt::format("{} failed: {}\n", count, why);
    return text;
}

nlohmann::json json_of(const LoadSettings& settings, const LoadResult& result,
                       std::string_view label) {
    using nlohmann::json;
    json failed = json::object();
    for (const auto& [why, count] : result.failed)
        failed[why] = count;
    return {
        {"tool", "attest-load"},
        {"label", label},
        {"address", settings.address},
        {"plain", settings.plain},
        {"certificate", settings.handshake == Handshake::certificate},
        {"concurrency", settings.concurrency},
        {"threads", settings.threads},
        {"passed", result.passed()},
        {"seconds", result.seconds},
        {"handshakes", result.done},
        {"handshakes_per_s", result.per_second()},
        {"verified", result.verified},
        {"wrong", result.wrong},
        {"first_wrong", result.first_wrong},
        {"proofs", result.proofs},
        {"mean_batch", mean(result.leaves, result.proofs)},
        {"mean_evidence_bytes", mean(result.evidence_bytes, result.verified)},
        {"timed_out", result.timed_out},
        {"failed", {{"total", result.failures()}, {"by_reason", failed}}},
        {"latency_ms",
         {{"mean", milliseconds(static_cast<std::uint64_t>(result.latency.mean()))},
          {"p50", milliseconds(result.latency.percentile(50))},
          {"p90", milliseconds(result.latency.percentile(90))},
          {"p99", milliseconds(result.latency.percentile(99))},
          {"p99_9", milliseconds(result.latency.percentile(99.9))},
          {"max", milliseconds(result.latency.max())}}},
    };
}

} // namespace attested
