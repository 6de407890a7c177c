// SPDX-License-Identifier: MIT
//
// Any bytes as revocation lists: behind the certificate of who is to have issued them, and in a
// report's certificate table.
#include "check.hpp"
#include "x509/crl.hpp"
#include "x509/x509.hpp"

#include <tsmfd/bytes.hpp>
#include <tsmfd/evidence/cert_table.hpp>
#include <tsmfd/evidence/snp_verify.hpp>
#include <tsmfd/evidence/verdict.hpp>

#include <array>
#include <cstdint>
#include <vector>

#include <openssl/err.h>

namespace {

namespace ossl = tsmfd::ossl;
using tsmfd::ByteSpan;

constexpr std::int64_t in_2024 = 1'704'067'200;

void read_lists(ByteSpan bytes, X509* issuer) {
    const auto lists = ossl::read_crls(bytes);
    check(ERR_peek_error() == 0);
    if (!lists)
        return;
    check(!lists->empty() && lists->size() <= 16);
    for (const ossl::CrlPtr& list : *lists) {
        const auto again = ossl::read_crls(ossl::pem_of(list.get()));
        check(again && again->size() == 1);
        const bool names = ossl::is_crl_of(list.get(), issuer);
        const auto times = ossl::check_crl(list.get(), issuer, in_2024);
        check(!times || names);
        // What is in force at a time has been issued by then, and is not out of date.
        check(!times || (times->issued <= in_2024 && (!times->next || *times->next >= in_2024)));
        if (times)
            (void)ossl::age_of(*times, in_2024);
        (void)ossl::lists(list.get(), issuer);
        check(ERR_peek_error() == 0);
    }
}

// An entry of GUID CRL is all that a table has.
void verify_in_table(ByteSpan list) {
    constexpr std::array<std::uint8_t, 16> guid = {0x92, 0xf8, 0x1b, 0xc3, 0x58, 0x11, 0x4d, 0x3d,
                                                   0x97, 0xff, 0xd1, 0x9f, 0x88, 0xdc, 0x67, 0xea};
    std::vector<std::uint8_t> table(guid.begin(), guid.end());
    for (const std::size_t number : {std::size_t{48}, list.size()}) {
        for (unsigned shift = 0; shift < 32; shift += 8)
            table.push_back(static_cast<std::uint8_t>(number >> shift));
    }
    table.resize(48); // with the entry that ends it
    table.insert(table.end(), list.begin(), list.end());
    std::vector<std::uint8_t> report(1184);
    report[0] = 2;    // version
    report[0x0a] = 2; // the bit of POLICY that is always set
    report[0x34] = 1; // ECDSA with P-384
    const auto verification =
        tsmfd::verify_snp({.outblob = report, .auxblob = table}, tsmfd::SnpPolicy().at(in_2024));
    check(!verification.ok()); // nobody has signed it
    check(ERR_peek_error() == 0);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    tsmfd::Reader in({data, size});
    const auto issuer = ossl::read_certificates(in.bytes(in.le16()));
    const ByteSpan lists = in.bytes(in.left());
    if (issuer)
        read_lists(lists, issuer->front().get());
    verify_in_table(lists);
    return 0;
}
