// SPDX-License-Identifier: MIT
//
// tsmfd-netlink-fuzz: messages for generic netlink family tsmfd that are wrong in every way.
//
//     tsmfd-netlink-fuzz [--seconds S] [--seed N]
//
// In a VM. Prints what came back, and fails unless the family answers right questions in the end;
// what the kernel says of it meanwhile is for the VM's runner to see.
#include <tsmfd/netlink.hpp>
#include <tsmfd/unique_fd.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <map>
#include <random>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <sys/socket.h>

namespace {

using Bytes = std::vector<std::uint8_t>;

// Attributes and messages start on such a boundary.
constexpr std::size_t align(std::size_t size) {
    return (size + 3) & ~std::size_t{3};
}
static_assert(NLA_ALIGNTO == 4 && NLMSG_ALIGNTO == 4);

class Fuzzer {
public:
    explicit Fuzzer(std::uint64_t seed) : random_(seed) {}

    bool open();
    void round();
    [[nodiscard]] std::uint64_t sent() const { return sent_; }
    // By errno; 0 for an answer.
    [[nodiscard]] const std::map<int, std::uint64_t>& came() const { return came_; }

private:
    std::uint32_t below(std::uint32_t bound) {
        return static_cast<std::uint32_t>(random_() % bound);
    }
    bool one_in(std::uint32_t bound) { return below(bound) == 0; }
    void append(Bytes& to, const void* from, std::size_t size) {
        const auto* bytes = static_cast<const std::uint8_t*>(from);
        to.insert(to.end(), bytes, bytes + size);
    }
    std::uint32_t number();
    void append_attribute(Bytes& to, int depth);
    Bytes message();
    void drain();

    std::mt19937_64 random_;
    tsmfd::UniqueFd socket_;
    std::uint16_t family_ = 0;
    std::uint64_t sent_ = 0;
    std::map<int, std::uint64_t> came_;
};

bool Fuzzer::open() {
    nl_sock* resolver = ::nl_socket_alloc();
    if (resolver == nullptr || ::genl_connect(resolver) < 0)
        return false;
    const int family = ::genl_ctrl_resolve(resolver, TSMFD_FAMILY_NAME);
    ::nl_socket_free(resolver);
    if (family < 0)
        return false;
    family_ = static_cast<std::uint16_t>(family);
    socket_ = tsmfd::UniqueFd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC));
    const int on = 1;
    (void)::setsockopt(socket_.get(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
    if (one_in(2))
        (void)::setsockopt(socket_.get(), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
    return static_cast<bool>(socket_);
}

// Numbers that are likely to be at some edge.
std::uint32_t Fuzzer::number() {
    constexpr std::array<std::uint32_t, 10> edges = {
        0, 1, 2, 3, 4, 1000, 1001, 0x7fffffff, 0x80000000, 0xffffffff};
    return one_in(4) ? static_cast<std::uint32_t>(random_()) : edges.at(below(edges.size()));
}

void Fuzzer::append_attribute(Bytes& to, int depth) {
    Bytes payload;
    switch (below(6)) {
    case 0:
    case 1:
    case 2: {
        const std::uint32_t value = number();
        append(payload, &value, sizeof(value));
        break;
    }
    case 3:
        payload.resize(below(40));
        for (std::uint8_t& byte : payload)
            byte = static_cast<std::uint8_t>(random_());
        break;
    case 4:
        payload.resize(one_in(50) ? 20'000 : below(300), 'a');
        break;
    default:
        for (std::uint32_t i = below(4); i > 0 && depth < 12; --i)
            append_attribute(payload, depth + 1);
    }

    auto type = static_cast<std::uint16_t>(one_in(8) ? random_() : below(16));
    if (one_in(16))
        type |= NLA_F_NESTED;
    if (one_in(16))
        type |= NLA_F_NET_BYTEORDER;
    auto length = static_cast<std::uint16_t>(sizeof(nlattr) + payload.size());
    if (one_in(12))
        length = static_cast<std::uint16_t>(one_in(2) ? random_() : below(8));
    append(to, &length, sizeof(length));
    append(to, &type, sizeof(type));
    append(to, payload.data(), payload.size());
    to.resize(align(to.size()));
}

Bytes Fuzzer::message() {
    Bytes body;
    genlmsghdr generic{};
    generic.cmd = static_cast<std::uint8_t>(one_in(8) ? random_() : 1 + below(TSMFD_CMD_MAX + 1));
    generic.version = static_cast<std::uint8_t>(one_in(8) ? random_() : 1);
    generic.reserved = static_cast<std::uint16_t>(one_in(16) ? random_() : 0);
    append(body, &generic, sizeof(generic));
    for (std::uint32_t i = below(6); i > 0; --i)
        append_attribute(body, 0);
    if (one_in(20))
        body.resize(below(static_cast<std::uint32_t>(body.size()) + 1));

    nlmsghdr header{};
    header.nlmsg_type = family_;
    header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    if (one_in(4))
        header.nlmsg_flags |= NLM_F_DUMP;
    if (one_in(16))
        header.nlmsg_flags = static_cast<std::uint16_t>(random_());
    header.nlmsg_len = static_cast<std::uint32_t>(sizeof(header) + body.size());
    if (one_in(20))
        header.nlmsg_len = one_in(2) ? below(64) : static_cast<std::uint32_t>(random_());
    header.nlmsg_seq = static_cast<std::uint32_t>(sent_);

    Bytes whole;
    append(whole, &header, sizeof(header));
    append(whole, body.data(), body.size());
    whole.resize(align(whole.size()));
    return whole;
}

void Fuzzer::drain() {
    Bytes buffer(64UL << 10);
    for (;;) {
        const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got < static_cast<ssize_t>(sizeof(nlmsghdr)))
            return;
        nlmsghdr header{};
        std::memcpy(&header, buffer.data(), sizeof(header));
        int error = 0;
        if (header.nlmsg_type == NLMSG_ERROR &&
            got >= static_cast<ssize_t>(sizeof(header) + sizeof(error)))
            std::memcpy(&error, buffer.data() + sizeof(header), sizeof(error));
        ++came_[-error];
    }
}

void Fuzzer::round() {
    Bytes batch;
    for (std::uint32_t i = 1 + below(3); i > 0; --i) {
        const Bytes one = message();
        append(batch, one.data(), one.size());
        ++sent_;
    }
    (void)::send(socket_.get(), batch.data(), batch.size(), MSG_DONTWAIT);
    // Now and then answers are left lying, until the socket overruns.
    if (!one_in(64))
        drain();
}

// The family still does what it is asked to.
bool is_well() {
    auto netlink = tsmfd::Netlink::open();
    if (!netlink)
        return false;
    const auto all = netlink->providers();
    const auto stats = netlink->all_stats();
    return all && stats && !all->empty() && stats->size() == all->size() * tsmfd::all_faces.size();
}

} // namespace

int main(int argc, char** argv) {
    double seconds = 10;
    std::uint64_t seed = std::random_device()();
    CLI::App app("Malformed messages for generic netlink family tsmfd", "tsmfd-netlink-fuzz");
    app.add_option("--seconds", seconds, "How long (10)");
    app.add_option("--seed", seed, "Of what is sent (random)");
    CLI11_PARSE(app, argc, argv);

    fmt::print("seed {}\n", seed);
    Fuzzer fuzzer(seed);
    if (!fuzzer.open()) {
        fmt::print(stderr, "tsmfd-netlink-fuzz: there is no family tsmfd; modprobe tsmfd\n");
        return 3;
    }
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (std::chrono::steady_clock::now() < end)
        fuzzer.round();

    fmt::print("{} messages; answers", fuzzer.sent());
    for (const auto& [error, count] : fuzzer.came())
        fmt::print(" {} {}", error == 0 ? "ok" : tsmfd::errno_name(error), count);
    fmt::print("\n");
    // Both are to have come: else nothing but the first check was tried.
    const bool both = fuzzer.came().contains(0) && fuzzer.came().contains(EINVAL);
    const bool well = is_well();
    fmt::print("{}\n", both && well ? "PASS" : "FAIL");
    return both && well ? 0 : 1;
}
