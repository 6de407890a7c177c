// SPDX-License-Identifier: MIT
//
// Any bytes as certificates, in PEM or DER, and as what AMD writes into its own.
#include "check.hpp"
#include "snp/amd_cert.hpp"
#include "x509/x509.hpp"

#include <cstdint>

#include <openssl/err.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace ossl = tsmfd::ossl;
    const auto read = ossl::read_certificates({data, size});
    check(ERR_peek_error() == 0);
    if (!read)
        return 0;
    check(!read->empty());
    for (const ossl::X509Ptr& certificate : *read) {
        X509* one = certificate.get();
        (void)ossl::common_name(X509_get_subject_name(one));
        const auto cert = tsmfd::parse_amd_cert(one);
        if (cert)
            check(!cert->product.empty() &&
                  (!cert->chip_id || cert->chip_id->size() == 64 || cert->chip_id->size() == 8));
        const auto again = ossl::read_certificates(ossl::pem_of(one));
        check(again && again->size() == 1);
    }
    const auto valid = ossl::check_chain(read->front().get(), *read, *read, 1'704'067'200);
    check(!valid || valid->holds(1'704'067'200));
    check(ERR_peek_error() == 0);
    return 0;
}
