// SPDX-License-Identifier: MIT
//
// OpenSSL keeps a queue of errors for each thread, which is the program's. What fails in here
// leaves nothing there, for a later check to stumble over; and what the program had there stays.
#include "checks.hpp"
#include "golden.hpp"
#include "policies.hpp"

#include <array>
#include <functional>
#include <utility>

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>

namespace {

using namespace policies;
using tsmfd::ChainCache;
using tsmfd::Evidence;

// Of each kind, whole, with a policy that accepts it.
struct Accepted {
    const char* name;
    Bytes outblob;
    Bytes auxblob;
    Policy policy;
};

std::vector<Accepted> all_kinds() {
    const evidence::TpmEvidence tpm("tpm-ovmf");
    std::vector<Accepted> all;
    all.push_back({"snp", milan(), {}, parsed(snp_policy())});
    all.push_back({"tdx", sapphire_rapids(), {}, parsed(tdx_policy())});
    all.push_back({"tpm", tpm.outblob, tpm.auxblob,
                   parsed(R"({"tpm": {"keys": ["tpm-ovmf/ak.pem"], "any_measurement": true}})")});
    return all;
}

using Spoil = std::function<void(Accepted&, tsmfd::Question&)>;

// What can be wrong with it, from the first byte to the roots.
std::vector<Spoil> all_faults() {
    static const Bytes garbage(64, 0x30);
    static const Bytes broken = [] {
        Bytes pem = golden::intel_root();
        pem[200] ^= 0x40;
        return pem;
    }();
    std::vector<Spoil> all;
    for (unsigned part = 0; part < 64; ++part)
        all.emplace_back([part](Accepted& of, tsmfd::Question& /*question*/) {
            of.outblob[of.outblob.size() * part / 64] ^= 0x41;
        });
    for (const Bytes* roots : {&garbage, &broken, &milan()})
        all.emplace_back([roots](Accepted& /*of*/, tsmfd::Question& question) {
            question.roots(*roots);
            question.certificates(*roots);
        });
    all.emplace_back([](Accepted& of, tsmfd::Question& question) {
        question.at(0);
        of.auxblob = garbage;
    });
    return all;
}

TEST(OpenSslErrors, OfOneVerificationAreNotTheNextOnes) {
    GOLDEN_OR_SKIP();
    for (const Accepted& accepted : all_kinds()) {
        ChainCache chains;
        const auto question = tsmfd::Question().at(in_2024).chains(&chains);
        ERR_clear_error();
        unsigned failed = 0;
        for (const Spoil& spoil : all_faults()) {
            Accepted spoilt = accepted;
            tsmfd::Question asked = question;
            spoil(spoilt, asked);
            failed +=
                spoilt.policy.verify({.outblob = spoilt.outblob, .auxblob = spoilt.auxblob}, asked)
                        .ok()
                    ? 0U
                    : 1U;
            ASSERT_EQ(ERR_peek_error(), 0U) << accepted.name;
            const auto next = accepted.policy.verify(
                {.outblob = accepted.outblob, .auxblob = accepted.auxblob}, question);
            ASSERT_TRUE(next.ok()) << accepted.name;
        }
        EXPECT_GT(failed, 40U) << accepted.name;
    }
}

TEST(OpenSslErrors, OfTheProgramStayWhereTheyAre) {
    GOLDEN_OR_SKIP();
    ERR_clear_error();
    ERR_raise(ERR_LIB_EVP, EVP_R_BAD_DECRYPT);
    const unsigned long own = ERR_peek_last_error();
    for (Accepted& accepted : all_kinds()) {
        const auto question = tsmfd::Question().at(in_2024);
        const Evidence evidence{.outblob = accepted.outblob, .auxblob = accepted.auxblob};
        EXPECT_TRUE(accepted.policy.verify(evidence, question).ok()) << accepted.name;
        accepted.outblob[accepted.outblob.size() / 2] ^= 1;
        (void)accepted.policy.verify(evidence, question);
        EXPECT_EQ(ERR_peek_error(), own);
        EXPECT_EQ(ERR_peek_last_error(), own);
    }
    ERR_clear_error();
}

} // namespace
