// SPDX-License-Identifier: MIT
//
// Revocation lists: Intel's real ones, and some that were made for it.
#include "crls.hpp"
#include "golden.hpp"
#include "issuer.hpp"
#include "x509/crl.hpp"
#include "x509/x509.hpp"

#include <string>

#include <gtest/gtest.h>

namespace {

using evidence::Bytes;
namespace ossl = tsmfd::ossl;

constexpr std::int64_t a_day = std::int64_t{24} * 3600;
constexpr std::int64_t in_april = 1'775'001'600; // 2026-04-01

class Crl : public testing::Test {
protected:
    [[nodiscard]] crls::List list() const {
        return {.issuer = root.get(),
                .key = root_key.get(),
                .issued = in_april - 3 * a_day,
                .next = in_april + 27 * a_day};
    }
    [[nodiscard]] tsmfd::Result<ossl::CrlTimes> check(const crls::List& of,
                                                      std::int64_t at = in_april) const {
        const auto read = ossl::read_crls(crls::made(of));
        EXPECT_TRUE(read);
        return ossl::check_crl(read->front().get(), root.get(), at);
    }

    ossl::PkeyPtr root_key{EVP_EC_gen("P-256")};
    ossl::PkeyPtr other_key{EVP_EC_gen("P-256")};
    ossl::X509Ptr root =
        firmware::certify("root", root_key.get(), {.key = root_key.get()}, 1000, firmware::add_ca);
    ossl::X509Ptr leaf = firmware::certify("leaf", other_key.get(),
                                           {.key = root_key.get(), .certificate = root.get()}, 1000,
                                           [](X509* /*to*/) { return true; });
};

TEST_F(Crl, IsInForceFromItsTimeToTheNext) {
    EXPECT_TRUE(check(list()));
    EXPECT_TRUE(check(list(), list().issued));
    EXPECT_TRUE(check(list(), list().next - 1));
    EXPECT_EQ(check(list(), list().issued - 1).error().code, ESTALE);
    EXPECT_EQ(check(list(), list().next).error().code, ESTALE);
    crls::List endless = list();
    endless.next = 0;
    EXPECT_TRUE(check(endless, in_april + 1000 * a_day));
}

TEST_F(Crl, IsItsIssuersOnly) {
    crls::List forged = list();
    forged.key = other_key.get();
    EXPECT_EQ(check(forged).error().code, EKEYREJECTED);
    // A leaf may sign no lists, whatever its name.
    const auto sham =
        firmware::certify("root", other_key.get(), {.key = other_key.get()}, 1000, [](X509* to) {
            X509_EXTENSION* usage =
                X509V3_EXT_conf_nid(nullptr, nullptr, NID_key_usage, "critical,keyCertSign");
            X509_add_ext(to, usage, -1);
            X509_EXTENSION_free(usage);
            return true;
        });
    const auto read = ossl::read_crls(
        crls::made({.issuer = sham.get(), .key = other_key.get(), .issued = in_april}));
    EXPECT_EQ(ossl::check_crl(read->front().get(), sham.get(), in_april).error().code,
              EKEYREJECTED);
    EXPECT_EQ(ossl::check_crl(read->front().get(), leaf.get(), in_april).error().code,
              EKEYREJECTED);
}

TEST_F(Crl, ListsWhatItListsAndNothingElse) {
    crls::List with = list();
    with.revoked = {leaf.get()};
    const ossl::CrlPtr revoking = crls::object(with);
    const ossl::CrlPtr empty = crls::object(list());
    EXPECT_TRUE(ossl::lists(revoking.get(), leaf.get()));
    EXPECT_FALSE(ossl::lists(revoking.get(), root.get()));
    EXPECT_FALSE(ossl::lists(empty.get(), leaf.get()));
    // The same number of another issuer's is another certificate.
    X509_set_issuer_name(leaf.get(), X509_get_subject_name(leaf.get()));
    EXPECT_FALSE(ossl::lists(revoking.get(), leaf.get()));
}

TEST_F(Crl, OfAPartOfTheCertificatesIsRefused) {
    crls::List part = list();
    part.of_ca_certificates = true;
    EXPECT_EQ(check(part).error().code, EOPNOTSUPP);
}

TEST_F(Crl, IsReadWholeOrNotAtAll) {
    Bytes der = crls::made(list());
    EXPECT_EQ(ossl::read_crls(der)->size(), 1U);
    for (std::size_t length = 0; length < der.size(); ++length)
        EXPECT_FALSE(ossl::read_crls(evidence::exactly(std::span(der).first(length)))) << length;
    der.push_back(0);
    EXPECT_FALSE(ossl::read_crls(der));
}

TEST_F(Crl, MayBePemButNotOfMoreThanSomeLists) {
    const ossl::BioPtr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509_CRL(out.get(), crls::object(list()).get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    Bytes three;
    for (int i = 0; i < 3; ++i)
        three.insert(three.end(), text, text + size);
    EXPECT_EQ(ossl::read_crls(three)->size(), 3U);
    EXPECT_EQ(ossl::read_crls(three, 3)->size(), 3U);
    EXPECT_FALSE(ossl::read_crls(three, 2));
}

TEST_F(Crl, SaysItsAge) {
    EXPECT_EQ(ossl::age_of(check(list()).value(), in_april),
              "issued 2026-03-29, 3 days before, next due 2026-04-28");
}

TEST(CrlOfIntel, IsItsIssuersAndOfItsTime) {
    GOLDEN_OR_SKIP();
    const auto lists = ossl::read_crls(golden::read("tdx-live/root_ca_crl.der")).value();
    const auto chain =
        ossl::read_certificates(golden::read("tdx-live/tcb_signing_chain.pem")).value();
    X509* root = chain.back().get();
    EXPECT_TRUE(ossl::check_crl(lists.front().get(), root, in_april));
    EXPECT_FALSE(ossl::lists(lists.front().get(), chain.front().get()));
    EXPECT_EQ(ossl::check_crl(lists.front().get(), root, in_april + 365 * a_day).error().code,
              ESTALE);
    EXPECT_FALSE(ossl::check_crl(lists.front().get(), chain.front().get(), in_april));
    const auto pck = ossl::read_crls(golden::read("tdx-live/pck_crl_platform.der")).value();
    EXPECT_FALSE(ossl::check_crl(pck.front().get(), root, in_april));
}

} // namespace
