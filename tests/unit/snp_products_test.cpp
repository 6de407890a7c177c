// SPDX-License-Identifier: MIT
//
// Milan, Genoa and Turin, by VCEK and by VLEK, in every version of the report: what holds, and
// what does not hold with another's chain.
#include "checks.hpp"
#include "emulated.hpp"
#include "snp_firmware.hpp"

#include <tsmfd/evidence/snp_verify.hpp>

#include <array>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include <gtest/gtest.h>

namespace {

using checks::failed;
using checks::Names;
using evidence::Bytes;
using firmware::Authority;
using firmware::Blobs;
using firmware::Platform;
using firmware::Product;
using firmware::SnpFirmware;
using tsmfd::Check;
using tsmfd::Verification;

constexpr std::array products = {Product::milan, Product::genoa, Product::turin};

// Each has a directory, for VCEK and VLEK.
const emulated::Directory& directory_of(Product product) {
    static const std::map<Product, emulated::Directory> directories = [] {
        std::map<Product, emulated::Directory> made;
        for (const Product each : products)
            made.try_emplace(each);
        return made;
    }();
    return directories.at(product);
}

Platform platform_of(Product product, bool vlek) {
    Platform platform = emulated::platform(product);
    platform.vlek = vlek;
    return platform;
}

SnpFirmware made(Product product, bool vlek, std::uint32_t version) {
    const Platform platform = platform_of(product, vlek);
    return {Authority::in(directory_of(product), platform).value(),
            platform,
            {.version = version, .measurement = {}, .debug = false}};
}

Blobs report_of(Product product, bool vlek, std::uint32_t version = 3) {
    return made(product, vlek, version).report(emulated::options(0)).value();
}

Verification verify(const Blobs& blobs, Product root) {
    const Bytes ark = directory_of(root).file("ark.pem");
    tsmfd::SnpPolicy policy;
    policy.roots(ark);
    policy.challenge(emulated::nonce);
    return tsmfd::verify_snp({.outblob = blobs.outblob, .auxblob = blobs.auxblob}, policy);
}

// By product, VLEK, and version.
class SnpProduct : public testing::TestWithParam<std::tuple<Product, bool, std::uint32_t>> {};

TEST_P(SnpProduct, HoldsToItsOwnRootAndToNoOther) {
    const auto [product, vlek, version] = GetParam();
    const Blobs blobs = report_of(product, vlek, version);
    const Verification verification = verify(blobs, product);
    EXPECT_TRUE(verification.ok()) << testing::PrintToString(failed(verification));
    EXPECT_EQ(verification.find("signer")->detail, vlek ? "VLEK" : "VCEK");
    EXPECT_EQ(verification.find("chip")->outcome,
              vlek ? Check::Outcome::unasked : Check::Outcome::passed);
    for (const Product other : products) {
        if (other != product) {
            (void)report_of(other, false); // for its root to be there
            EXPECT_EQ(failed(verify(blobs, other)), Names{"chain"});
        }
    }
}

std::string name_of(const testing::TestParamInfo<SnpProduct::ParamType>& info) {
    const auto [product, vlek, version] = info.param;
    return std::string(firmware::product_name(product)) + (vlek ? "Vlek" : "Vcek") +
           std::to_string(version);
}

INSTANTIATE_TEST_SUITE_P(OfTwo, SnpProduct,
                         testing::Combine(testing::Values(Product::milan, Product::genoa),
                                          testing::Bool(), testing::Values(2U, 3U, 5U)),
                         name_of);
// There is no Turin whose reports are of version 2.
INSTANTIATE_TEST_SUITE_P(OfTurin, SnpProduct,
                         testing::Combine(testing::Values(Product::turin), testing::Bool(),
                                          testing::Values(3U, 5U)),
                         name_of);

// A whole chain of one product, trusted, and the report of another's processor.
TEST(SnpProducts, OfAnotherProductThanTheCertificateAreRefused) {
    for (const Product product : {Product::milan, Product::genoa}) {
        const Product other = product == Product::milan ? Product::genoa : Product::milan;
        const Platform platform = platform_of(product, false);
        Platform claimed = platform;
        claimed.product = other;
        // Signed by the product's key, and says that it is the other.
        const SnpFirmware liar(Authority::in(directory_of(product), platform).value(), claimed,
                               {.version = 3, .measurement = {}, .debug = false});
        EXPECT_EQ(failed(verify(liar.report(emulated::options(0)).value(), product)),
                  Names{"product"});
    }
}

TEST(SnpProducts, AVcekDoesNotStandInForAVlek) {
    const Blobs vcek = report_of(Product::milan, false);
    const Blobs vlek = report_of(Product::milan, true);
    EXPECT_EQ(failed(verify({.outblob = vcek.outblob, .auxblob = vlek.auxblob}, Product::milan)),
              Names{"signer"});
    EXPECT_EQ(failed(verify({.outblob = vlek.outblob, .auxblob = vcek.auxblob}, Product::milan)),
              Names{"signer"});
}

// A Turin's chip id is of 8 bytes in the certificate, and the report has zeros behind them.
TEST(SnpProducts, ATurinsChipIdIsShort) {
    const Platform platform = platform_of(Product::turin, false);
    Blobs blobs = report_of(Product::turin, false);
    constexpr std::size_t chip_at = 0x1a0;
    EXPECT_EQ(blobs.outblob[chip_at + 7], 0x5a);
    EXPECT_EQ(blobs.outblob[chip_at + 8], 0);
    const Authority authority = Authority::in(directory_of(Product::turin), platform).value();
    for (const std::size_t at : {chip_at, chip_at + 7, chip_at + 8, chip_at + 63}) {
        blobs.outblob[at] ^= 1;
        ASSERT_TRUE(firmware::sign_snp_report(blobs.outblob, authority.key()));
        EXPECT_EQ(failed(verify(blobs, Product::turin)), Names{"chip"}) << at;
        blobs.outblob[at] ^= 1;
    }
}

// Its TCB has another order, and one part more.
TEST(SnpProducts, EachPartOfATurinsTcbCounts) {
    const Platform platform = platform_of(Product::turin, false);
    const Authority authority = Authority::in(directory_of(Product::turin), platform).value();
    Blobs blobs = report_of(Product::turin, false);
    for (const std::size_t part : {0U, 1U, 2U, 3U, 7U}) {
        blobs.outblob[0x180 + part] ^= 1;
        ASSERT_TRUE(firmware::sign_snp_report(blobs.outblob, authority.key()));
        EXPECT_EQ(failed(verify(blobs, Product::turin)), Names{"tcb"}) << part;
        blobs.outblob[0x180 + part] ^= 1;
    }
}

TEST(SnpProducts, OneDirectoryIsOneProducts) {
    (void)report_of(Product::milan, false);
    const auto other =
        Authority::in(directory_of(Product::milan), platform_of(Product::genoa, false));
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, EEXIST);
}

} // namespace
