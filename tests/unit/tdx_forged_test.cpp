// SPDX-License-Identifier: MIT
//
// Quotes whose signatures are all valid, and which nobody may believe: who owns a platform that a
// root has certified can run an enclave of his own there.
#include "checks.hpp"
#include "golden.hpp"
#include "tdx_forge.hpp"

#include <tsmfd/evidence/tdx_verify.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

using checks::failed;
using checks::Names;
using evidence::Bytes;
using forge::Parts;
using tsmfd::TdxPolicy;
using tsmfd::Verification;

class ForgedTdxQuote : public testing::Test {
protected:
    static TdxPolicy policy() {
        static const Bytes root = forge_.root();
        TdxPolicy policy;
        policy.roots(root);
        policy.qe_identity(forge_.identity());
        return policy;
    }
    static Verification verify(const Bytes& quote, const TdxPolicy& policy) {
        return tsmfd::verify_tdx({.outblob = quote, .auxblob = {}}, policy);
    }
    static Names refused(const std::function<void(Parts&)>& edit,
                         const TdxPolicy& policy = ForgedTdxQuote::policy()) {
        return failed(verify(forge_.quote(edit), policy));
    }
    // Of version 5, with what TDX 1.5 has behind the rest.
    static void make_1_5(Parts& parts) {
        parts.header[0] = 5;
        parts.body.resize(648);
    }

    static inline const forge::Forge forge_;
};

TEST_F(ForgedTdxQuote, UnchangedHolds) {
    EXPECT_EQ(refused([](Parts&) {}), Names{});
    EXPECT_EQ(refused(make_1_5), Names{});
    EXPECT_EQ(refused([](Parts& parts) { parts.trailing = Bytes(300, 0); }), Names{});
}

// All of its signatures are valid, to a root that is trusted.
TEST_F(ForgedTdxQuote, OfAnEnclaveThatIsNotIntelsIsRefused) {
    TdxPolicy policy = ForgedTdxQuote::policy();
    policy.qe_identity(std::nullopt);
    EXPECT_EQ(refused([](Parts&) {}, policy), Names{"qe identity"});
    const std::string why = verify(forge_.genuine(), policy).failures();
    EXPECT_NE(why.find("not Intel's TD quoting enclave, as published: MRSIGNER 74736d"),
              std::string::npos)
        << why;
    EXPECT_NE(why.find("(\"tsm-firmware signer of enclaves\"), not dc9e2a7c6f948f17"),
              std::string::npos)
        << why;
}

TEST_F(ForgedTdxQuote, ToIntelsRootIsRefusedByItsMakersName) {
    GOLDEN_OR_SKIP();
    TdxPolicy policy = ForgedTdxQuote::policy();
    const Bytes intel = golden::intel_root();
    policy.roots(intel);
    const Verification verification = verify(forge_.genuine(), policy);
    EXPECT_EQ(failed(verification), Names{"chain"});
    EXPECT_NE(verification.failures().find("OU=Emulated\\, not of a processor"), std::string::npos)
        << verification.failures();
    EXPECT_NE(verification.failures().find("\"tsm-firmware signer of enclaves\""),
              std::string::npos);
}

TEST_F(ForgedTdxQuote, OfAnotherEnclaveOfTheSameHostIsRefused) {
    const Names other = {"qe identity"};
    EXPECT_EQ(refused([](Parts& parts) { parts.qe_report[0x80] ^= 1; }), other); // MRSIGNER
    EXPECT_EQ(refused([](Parts& parts) { parts.qe_report[0x9f] ^= 1; }), other);
    EXPECT_EQ(refused([](Parts& parts) { parts.qe_report[0x100] = 1; }), other); // ISVPRODID
    EXPECT_EQ(refused([](Parts& parts) { parts.qe_report[0x101] = 1; }), other);
    EXPECT_EQ(refused([](Parts& parts) { parts.qe_report[0x10] = 1; }), other); // MISCSELECT
    EXPECT_EQ(refused([](Parts& parts) { parts.qe_report[0x13] = 1; }), other);
    EXPECT_EQ(refused([](Parts& parts) { parts.qe_report[0x30] |= 2; }), other); // DEBUG
    EXPECT_EQ(refused([](Parts& parts) { parts.qe_report[0x37] = 1; }), other);
    EXPECT_EQ(refused([](Parts& parts) { parts.qe_report[0x30] ^= 4; }), Names{}); // 64 bit
    EXPECT_EQ(refused([](Parts& parts) { parts.qe_report[0x38] ^= 1; }), Names{}); // XFRM
}

// Whatever an identity says of it.
TEST_F(ForgedTdxQuote, OfAnEnclaveThatItsHostCanReadIsRefused) {
    TdxPolicy policy = ForgedTdxQuote::policy();
    auto identity = forge_.identity();
    identity.attributes_mask = {};
    policy.qe_identity(identity);
    EXPECT_EQ(refused([](Parts& parts) { parts.qe_report[0x30] |= 2; }, policy),
              Names{"qe identity"});
}

TEST_F(ForgedTdxQuote, OfAModuleThatIsNotIntelsIsRefused) {
    EXPECT_EQ(refused([](Parts& parts) { parts.body[0x40] = 1; }), Names{"tdx module"});
    EXPECT_EQ(refused([](Parts& parts) { parts.body[0x77] = 0x80; }), Names{"tdx module"});
}

TEST_F(ForgedTdxQuote, WithAttributesThatNobodyKnowsIsRefused) {
    EXPECT_EQ(refused([](Parts& parts) { parts.body[0x79] = 1; }), Names{"td attributes"});
}

TEST_F(ForgedTdxQuote, WithAttributesThatAreKnownHolds) {
    EXPECT_EQ(refused([](Parts& parts) { parts.body[0x7b] = 0xd8; }), Names{});
    EXPECT_EQ(refused([](Parts& parts) { parts.body[0x7f] = 0xc0; }), Names{});
    EXPECT_EQ(refused([](Parts& parts) { parts.body[0x78] = 1; }), Names{"debug"});
    EXPECT_EQ(refused([](Parts& parts) { parts.body[0x78] = 0x10; }), Names{"debug"});
}

TEST_F(ForgedTdxQuote, OfAGuestThatMayBeMovedIsRefused) {
    const auto migratable = [](Parts& parts) { parts.body[0x7b] |= 0x20; };
    EXPECT_EQ(refused(migratable), Names{"migration"});
    TdxPolicy policy = ForgedTdxQuote::policy();
    policy.migration_allowed(true);
    EXPECT_EQ(refused(migratable, policy), Names{});
    EXPECT_EQ(verify(forge_.quote(migratable), policy).find("migration")->outcome,
              tsmfd::Check::Outcome::unasked);
}

TEST_F(ForgedTdxQuote, OfAGuestThatAnotherServesIsRefused) {
    const auto served = [](Parts& parts) {
        make_1_5(parts);
        parts.body[600 + 47] = 1;
    };
    EXPECT_EQ(refused(served), Names{"migration"});
    TdxPolicy policy = ForgedTdxQuote::policy();
    policy.migration_allowed(true);
    EXPECT_EQ(refused(served, policy), Names{});
    Bytes named(48);
    policy.migration_allowed(false);
    policy.mr_service_td({named});
    EXPECT_EQ(refused(served, policy), (Names{"migration", "mrservicetd"}));
    named[47] = 1;
    policy.mr_service_td({named});
    EXPECT_EQ(refused(served, policy), Names{});
    EXPECT_EQ(refused([](Parts&) {}, policy), Names{"mrservicetd"}); // which has none
}

TEST_F(ForgedTdxQuote, OfAPlatformWithoutItsExtensionIsRefused) {
    const forge::Pck pck = forge::pck_without_extension();
    TdxPolicy policy = ForgedTdxQuote::policy();
    policy.roots(pck.root);
    const Bytes quote = forge_.quote([&](Parts& parts) { parts.chain = pck.chain; }, pck.key.get());
    EXPECT_EQ(failed(verify(quote, policy)), Names{"pck"});
}

TEST_F(ForgedTdxQuote, OfAnotherModuleHoldsIfThePolicyNamesIt) {
    const auto other = [](Parts& parts) { parts.body[0x40] = 1; };
    TdxPolicy policy = ForgedTdxQuote::policy();
    Bytes signer(48);
    policy.mr_signer_seam({signer});
    EXPECT_EQ(refused([](Parts&) {}, policy), Names{});
    EXPECT_EQ(refused(other, policy), Names{"tdx module"});
    signer[0] = 1;
    policy.mr_signer_seam({signer});
    EXPECT_EQ(refused(other, policy), Names{});
    EXPECT_EQ(refused([](Parts&) {}, policy), Names{"tdx module"});
}

TEST_F(ForgedTdxQuote, IsOfTheOwnersAndConfigurationsAskedFor) {
    using Say = TdxPolicy& (TdxPolicy::*)(const std::vector<tsmfd::ByteSpan>&) noexcept;
    struct Field {
        const char* name;
        Say say;
        std::size_t at;
    };
    for (const auto& [name, say, at] :
         {Field{"mrseam", &TdxPolicy::mr_seam, 0x10},
          Field{"mrconfigid", &TdxPolicy::mr_config_id, 0xb8},
          Field{"mrowner", &TdxPolicy::mr_owner, 0xe8},
          Field{"mrownerconfig", &TdxPolicy::mr_owner_config, 0x118}}) {
        const auto changed = [at = at](Parts& parts) {
            std::fill_n(parts.body.begin() + static_cast<std::ptrdiff_t>(at), 48, 0x11);
        };
        TdxPolicy policy = ForgedTdxQuote::policy();
        const Bytes wanted(48, 0x11);
        (policy.*say)({wanted});
        EXPECT_EQ(refused(changed, policy), Names{}) << name;
        EXPECT_EQ(refused([](Parts&) {}, policy), Names{name});
    }
}

TEST_F(ForgedTdxQuote, SaysWhatStandsBehindIt) {
    const auto trailing = [](const Bytes& bytes) {
        const Verification verification =
            verify(forge_.quote([&](Parts& parts) { parts.trailing = bytes; }), policy());
        EXPECT_TRUE(verification.ok());
        return verification.find("trailing") != nullptr;
    };
    EXPECT_FALSE(trailing(Bytes(3065, 0)));
    EXPECT_FALSE(trailing({}));
    EXPECT_TRUE(trailing({0, 0, 7}));
}

} // namespace
