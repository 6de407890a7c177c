// SPDX-License-Identifier: MIT
//
// A TD's event log (CCEL) beside its quote.
#include "checks.hpp"
#include "golden.hpp"

#include <tsmfd/evidence/event_log.hpp>
#include <tsmfd/evidence/tdx_quote.hpp>
#include <tsmfd/evidence/tdx_verify.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace {

using checks::expect_failed;
using evidence::Bytes;
using tsmfd::Check;
using tsmfd::EventLog;
using tsmfd::TdxPolicy;
using tsmfd::TpmEvent;
using tsmfd::Verification;

class TdxEventLog : public testing::Test {
protected:
    void SetUp() override {
        GOLDEN_OR_SKIP();
        quote_ = golden::read("tdx-live/quote.bin");
        log_ = golden::read("tdx-live/ccel.bin");
    }

    [[nodiscard]] Verification verify(std::vector<tsmfd::ExpectedEvent> events = {}) const {
        TdxPolicy policy;
        policy.event_log(log_);
        policy.events(std::move(events));
        return tsmfd::verify_tdx({.outblob = quote_, .auxblob = {}}, policy);
    }
    // The first byte of the digest of the first event of that register.
    [[nodiscard]] std::uint8_t& digest_of(std::uint32_t number) {
        const EventLog log = EventLog::parse(log_).value();
        for (const TpmEvent& event : log.events()) {
            if (event.pcr == number && event.type != tsmfd::EventType::no_action)
                return log_[static_cast<std::size_t>(event.digests[0].bytes.data() - log_.data())];
        }
        throw std::out_of_range("no such event");
    }

    Bytes quote_;
    Bytes log_;
};

Check::Outcome outcome_of(const Verification& verification, const std::string& name) {
    const Check* check = verification.find(name);
    EXPECT_NE(check, nullptr) << name;
    return check != nullptr ? check->outcome : Check::Outcome::failed;
}

TEST_F(TdxEventLog, LeadsToTheRtmrsOfItsQuote) {
    const Verification verification = verify();
    EXPECT_EQ(outcome_of(verification, "event log"), Check::Outcome::passed);
    for (const char* name : {"rtmr0", "rtmr1", "rtmr2", "rtmr3"})
        EXPECT_EQ(outcome_of(verification, std::string("event log ") + name),
                  Check::Outcome::passed);
}

TEST_F(TdxEventLog, OfAnotherBootIsRefusedByTheNameOfTheRegister) {
    for (const std::uint32_t rtmr : {0U, 1U, 2U}) {
        std::uint8_t& digest = digest_of(1 + rtmr);
        digest ^= 0x01;
        const Verification verification = verify();
        expect_failed(verification, "event log");
        for (std::uint32_t i = 0; i < 4; ++i)
            EXPECT_EQ(outcome_of(verification, "event log rtmr" + std::to_string(i)),
                      i == rtmr ? Check::Outcome::failed : Check::Outcome::passed)
                << rtmr;
        digest ^= 0x01;
    }
}

TEST_F(TdxEventLog, NeedNotKnowWhatRtmr3WasExtendedWith) {
    constexpr std::size_t rtmr3_at = 0x178 + 3 * 48;
    quote_[rtmr3_at] ^= 0x01;
    const Verification verification = verify();
    EXPECT_EQ(outcome_of(verification, "event log"), Check::Outcome::passed);
    EXPECT_EQ(outcome_of(verification, "event log rtmr3"), Check::Outcome::unasked);
}

TEST_F(TdxEventLog, HasTheEventThatIsExpected) {
    tsmfd::TpmDigest digest{.padded = {}, .size = 48};
    std::ranges::copy_n(&digest_of(2), 48, digest.padded.begin());
    const auto outcome = [&](std::uint32_t number) {
        const Verification verification =
            verify({{.hash = tsmfd::TpmHash::sha384, .number = number, .digests = {digest}}});
        return outcome_of(verification, "event rtmr" + std::to_string(number - 1));
    };
    EXPECT_EQ(outcome(2), Check::Outcome::passed);
    EXPECT_EQ(outcome(3), Check::Outcome::failed);
    digest.padded[0] ^= 1;
    EXPECT_EQ(outcome(2), Check::Outcome::failed);
    digest.padded[0] ^= 1;
    // In a log that does not lead to the quote it proves nothing.
    digest_of(1) ^= 1;
    EXPECT_EQ(outcome(2), Check::Outcome::failed);
}

TEST_F(TdxEventLog, OfATpmIsNone) {
    log_ = golden::read("eventlogs/ubuntu-2104.bin");
    expect_failed(verify(), "event log");
    log_.clear();
    expect_failed(verify(), "event log");
}

} // namespace
