// SPDX-License-Identifier: MIT
#include "tdx/pck_cert.hpp"

#include "x509/x509.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <openssl/asn1t.h>
#include <openssl/objects.h>

namespace tsmfd {

namespace {

constexpr const char* sgx_oid = "1.2.840.113741.1.13.1";

struct FreeSequence {
    void operator()(ASN1_SEQUENCE_ANY* sequence) const {
        sk_ASN1_TYPE_pop_free(sequence, ASN1_TYPE_free);
    }
};
using SequencePtr = std::unique_ptr<ASN1_SEQUENCE_ANY, FreeSequence>;

// nullptr if it is none, or something follows it.
SequencePtr sequence_of(ByteSpan der) {
    const std::uint8_t* from = der.data();
    SequencePtr sequence(d2i_ASN1_SEQUENCE_ANY(nullptr, &from, static_cast<long>(der.size())));
    return from == der.data() + der.size() ? std::move(sequence) : nullptr;
}

ByteSpan bytes_of(const ASN1_STRING* text) {
    return {ASN1_STRING_get0_data(text), static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string digits_of(const ASN1_OBJECT* object) {
    std::array<char, 64> text{};
    const int size = OBJ_obj2txt(text.data(), text.size(), object, 1);
    return size > 0 && static_cast<std::size_t>(size) < text.size() ? text.data() : "";
}

// The members of the extension, or of one of its members, by their OIDs.
class Members {
public:
    static std::optional<Members> read(ByteSpan der) {
        Members read;
        const SequencePtr sequence = sequence_of(der);
        for (int i = 0; sequence && i < sk_ASN1_TYPE_num(sequence.get()); ++i) {
            if (!read.add(*sk_ASN1_TYPE_value(sequence.get(), i)))
                return std::nullopt;
        }
        return sequence ? std::optional(std::move(read)) : std::nullopt;
    }

    [[nodiscard]] std::optional<Members> below(const std::string& arcs) const {
        const ASN1_TYPE* value = find(arcs, V_ASN1_SEQUENCE);
        return value != nullptr ? read(bytes_of(value->value.sequence)) : std::nullopt;
    }

    template <std::size_t N>
    bool octets(const std::string& arcs, std::array<std::uint8_t, N>& to) const {
        const ASN1_TYPE* value = find(arcs, V_ASN1_OCTET_STRING);
        if (value == nullptr || bytes_of(value->value.octet_string).size() != N)
            return false;
        std::ranges::copy(bytes_of(value->value.octet_string), to.begin());
        return true;
    }

    template <typename Number>
    bool number(const std::string& arcs, Number& to) const {
        const ASN1_TYPE* value = find(arcs, V_ASN1_INTEGER);
        std::uint64_t read = 0;
        if (value == nullptr || ASN1_INTEGER_get_uint64(&read, value->value.integer) != 1 ||
            read > std::numeric_limits<Number>::max())
            return false;
        to = static_cast<Number>(read);
        return true;
    }

private:
    // SEQUENCE { OID, value }, of which there is no other.
    bool add(const ASN1_TYPE& member) {
        if (member.type != V_ASN1_SEQUENCE)
            return false;
        SequencePtr pair = sequence_of(bytes_of(member.value.sequence));
        if (!pair || sk_ASN1_TYPE_num(pair.get()) != 2)
            return false;
        const ASN1_TYPE* name = sk_ASN1_TYPE_value(pair.get(), 0);
        return name->type == V_ASN1_OBJECT &&
               members_.emplace(digits_of(name->value.object), std::move(pair)).second;
    }

    [[nodiscard]] const ASN1_TYPE* find(const std::string& arcs, int type) const {
        const auto found = members_.find(fmt::format("{}.{}", sgx_oid, arcs));
        if (found == members_.end())
            return nullptr;
        const ASN1_TYPE* value = sk_ASN1_TYPE_value(found->second.get(), 1);
        return value->type == type ? value : nullptr;
    }

    std::map<std::string, SequencePtr> members_;
};

bool read_tcb(PckCert& to, const Members& tcb) {
    for (std::size_t i = 0; i < to.components.size(); ++i) {
        if (!tcb.number(fmt::format("2.{}", i + 1), to.components[i]))
            return false;
    }
    return tcb.number("2.17", to.pce_svn) && tcb.octets("2.18", to.cpu_svn);
}

} // namespace

Result<PckCert> parse_pck_cert(const X509* certificate) {
    const ossl::ErrorsForgotten errors;
    const auto der = ossl::extension(certificate, sgx_oid);
    if (!der)
        return fail("a PCK certificate without the SGX extension", EBADMSG);
    PckCert cert;
    const auto members = Members::read(*der);
    const auto tcb = members ? members->below("2") : std::nullopt;
    if (!tcb || !read_tcb(cert, *tcb) || !members->octets("1", cert.ppid) ||
        !members->octets("3", cert.pce_id) || !members->octets("4", cert.fmspc))
        return fail("a PCK certificate whose SGX extension lacks PPID, TCB, PCEID or FMSPC",
                    EBADMSG);
    return cert;
}

} // namespace tsmfd
