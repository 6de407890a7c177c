// SPDX-License-Identifier: MIT
//
// Keys of type tsm whose reports are as long as only a proxy's can be.
#include "support/device.hpp"
#include "support/files.hpp"

#include <tsmfd/hex.hpp>
#include <tsmfd/key.hpp>
#include <tsmfd/proxy.hpp>

#include <algorithm>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <linux/tsmfd.h>

namespace {

using namespace guest;
using tsmfd::Key;
using tsmfd::Proxy;
using tsmfd::ProxyAnswer;

// Bytes of keys that are charged to root.
unsigned long charged() {
    const Bytes users = read_bytes("/proc/key-users");
    std::istringstream lines(std::string(users.begin(), users.end()));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string user;
        std::string usage;
        std::string keys;
        std::string charged_keys;
        unsigned long bytes = 0;
        if (words >> user >> usage >> keys >> charged_keys >> bytes && user == "0:")
            return bytes;
    }
    throw std::runtime_error("/proc/key-users has no line of root");
}

// Firmware that gives its one caller this answer.
std::jthread answering(const Proxy& proxy, const ProxyAnswer& answer) {
    return std::jthread([&proxy, answer] {
        const auto request = proxy.next();
        EXPECT_TRUE(request && *request && proxy.answer((*request)->id, answer));
    });
}

// The key service counts a key's bytes in 16 bits.
TEST(KeyOfALongReport, IsReadWholeAndOwesNothingOnceItIsRevoked) {
    constexpr std::uint32_t size = 100'000;
    const Proxy proxy = Proxy::make({.name = "test", .outblob_max = size}).value();
    auto key = Key::add("k", {.options = ask(), .provider = proxy.index()}).value();
    const unsigned long before = charged();

    const Bytes outblob(size, 0x5a);
    const std::jthread firmware =
        answering(proxy, {.outblob = outblob, .auxblob = {}, .manifestblob = {}});
    Bytes buffer;
    EXPECT_TRUE(std::ranges::equal(key.read(buffer).value(), outblob));
    EXPECT_GT(charged(), before + 60'000);

    ASSERT_TRUE(key.revoke());
    EXPECT_LT(charged(), before)
        << "the payload's text is not given back, or not all of the report";
}

TEST(KeyOfALongReport, IsReadWholeAsALineToo) {
    constexpr std::uint32_t size = 16 << 20; // the longest blob there is
    const Proxy proxy = Proxy::make({.name = "test",
                                     .extended = true,
                                     .outblob_max = size,
                                     .auxblob_max = size,
                                     .manifestblob_max = size})
                            .value();
    const auto key = Key::add_text("k", "auth c0ffee format=extended provider=" +
                                            device_path(proxy.index()).substr(strlen("/dev/")))
                         .value();

    const Bytes outblob(size, 0x5a);
    const Bytes auxblob(size, 0xa5);
    const Bytes manifestblob(size, 0x3c);
    const std::jthread firmware =
        answering(proxy, {.outblob = outblob, .auxblob = auxblob, .manifestblob = manifestblob});
    Bytes buffer;
    const ByteSpan line = key.read(buffer).value();
    const std::string expected = "c0ffee test:extended " + tsmfd::to_hex(outblob) +
                                 tsmfd::to_hex(auxblob) + tsmfd::to_hex(manifestblob);
    EXPECT_TRUE(std::ranges::equal(line, expected));
}

} // namespace
