// SPDX-License-Identifier: MIT
#include <tsmfd/evidence/tpm_aux.hpp>

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace tsmfd {

Result<TpmAux> parse_tpm_aux(ByteSpan auxblob) noexcept {
    constexpr std::string_view magic = TSMFD_TPM_AUX_MAGIC;
    Reader in(auxblob);
    if (!std::ranges::equal(in.bytes(magic.size()), magic))
        return fail(fmt::format("auxblob of {} bytes that is not of a TPM", auxblob.size()),
                    EBADMSG);
    const std::uint32_t version = in.le32();
    const std::uint32_t public_len = in.le32();
    const std::uint32_t ek_ecc_len = in.le32();
    const std::uint32_t ek_rsa_len = in.le32();
    const std::uint32_t event_log_len = in.le32();
    const std::uint32_t reserved = in.le32();
    if (!in.ok() || version != 1 || reserved != 0)
        return fail(fmt::format("TPM's auxblob of version {}", version), EBADMSG);

    const TpmAux aux{.public_key = in.bytes(public_len),
                     .ek_ecc = in.bytes(ek_ecc_len),
                     .ek_rsa = in.bytes(ek_rsa_len),
                     .event_log = in.bytes(event_log_len)};
    if (!in.ok() || in.left() != 0 || aux.public_key.empty())
        return fail(
            fmt::format("TPM's auxblob of {} bytes whose head says otherwise", auxblob.size()),
            EBADMSG);
    return aux;
}

} // namespace tsmfd
