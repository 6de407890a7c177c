// SPDX-License-Identifier: MIT
#include "x509/crl.hpp"
#include "x509/x509.hpp"

#include <tsmfd/evidence/pem.hpp>

#include <algorithm>
#include <iterator>

namespace tsmfd {

namespace {

using Bytes = std::vector<std::uint8_t>;

template <typename Objects>
Result<Bytes> pem_of_all(const Result<Objects>& objects) {
    if (!objects)
        return std::unexpected(objects.error());
    Bytes all;
    for (const auto& object : *objects) {
        const Bytes text = ossl::pem_of(object.get());
        // A list that is left out would leave what it revokes in.
        if (text.empty())
            return fail("write PEM", ENOMEM);
        std::ranges::copy(text, std::back_inserter(all));
    }
    return all;
}

} // namespace

Result<Bytes> certificates_in_pem(ByteSpan file) noexcept {
    return pem_of_all(ossl::read_certificates(file));
}

Result<Bytes> crls_in_pem(ByteSpan file) noexcept {
    return pem_of_all(ossl::read_crls(file));
}

} // namespace tsmfd
