// SPDX-License-Identifier: MIT
//
// Keys of type tsm, through libtsmfd, and through keyctl(1) as somebody outside.
#include "support.hpp"
#include "support/files.hpp"

#include <tsmfd/hex.hpp>
#include <tsmfd/key.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <keyutils.h>
#include <sched.h>
#include <unistd.h>

namespace {

using namespace guest;
using faces::shell;
using tsmfd::Key;

class KeyTest : public GuestTest {
protected:
    void TearDown() override {
        EXPECT_EQ(::keyctl_clear(KEY_SPEC_PROCESS_KEYRING), 0);
        GuestTest::TearDown();
    }
};

int code_of(const tsmfd::Result<void>& result) {
    return result ? 0 : result.error().code;
}

// errno of reading a key by its number, or 0.
int read_code(std::int32_t id) {
    std::array<char, 8192> room{};
    return ::keyctl_read(id, room.data(), room.size()) < 0 ? errno : 0;
}

// A key of any type, for comparison; its number, or minus errno.
std::int32_t add(const char* type, const std::string& name, const std::string& payload,
                 std::int32_t keyring = KEY_SPEC_PROCESS_KEYRING) {
    const std::int32_t id = ::add_key(type, name.c_str(), payload.data(), payload.size(), keyring);
    return id < 0 ? -errno : id;
}

// The line that a key of the form of 2023 reads as.
struct Line {
    std::string inblob;
    std::string provider;
    std::string blob;

    explicit Line(const std::string& text) {
        std::istringstream words(text);
        words >> inblob >> provider >> blob;
    }
};

TEST_F(KeyTest, TheLineOf2023WorksAsItWasWritten) {
    // Linked, as a login does it: else nobody possesses what is only in the user's keyring.
    const auto ran = shell("keyctl session - sh -c '"
                           "keyctl link @u @s && "
                           "id=$(keyctl add tsm NAME \"auth 00112233aabb privlevel=2 "
                           "format=extended\" @u) && "
                           "keyctl print $id; keyctl unlink $id @u >/dev/null' 2>/dev/null");
    ASSERT_EQ(ran.status, 0) << ran.output;
    const Line line(ran.output);
    EXPECT_EQ(line.inblob, "00112233aabb");
    EXPECT_EQ(line.provider, "tsmfd_emu:extended");

    Options asked;
    asked.inblob = tsmfd::Inblob::from(*tsmfd::from_hex("00112233aabb")).value();
    asked.privlevel = 2;
    asked.format = Format::extended;
    const auto blob = tsmfd::from_hex(line.blob);
    ASSERT_TRUE(blob.has_value()) << ran.output;
    EXPECT_TRUE(answers(asked, *blob));
}

TEST_F(KeyTest, TheLineOf2023WithoutAFormatShowsNone) {
    const auto key = Key::add_text("k", "auth c0ffee").value();
    Bytes buffer;
    const ByteSpan bytes = key.read(buffer).value();
    const Line line(std::string(bytes.begin(), bytes.end()));
    EXPECT_EQ(line.inblob, "c0ffee");
    EXPECT_EQ(line.provider, "tsmfd_emu");
    EXPECT_EQ(line.blob.size(), 2 * report_size);
}

TEST_F(KeyTest, OurFormReadsAsTheDeviceDoes) {
    const Options asked = ask(1, Format::extended);
    const auto key = Key::add("k", {.options = asked}).value();
    Bytes buffer;
    EXPECT_TRUE(answers(asked, key.read(buffer).value()));
}

TEST_F(KeyTest, TheSameThroughKeyctlPipe) {
    const auto ran = shell("keyctl session - sh -c '"
                           "id=$(keyctl add tsm k \"inblob=c0ffee privlevel=3\" @s) && "
                           "keyctl pipe $id' 2>/dev/null | xxd -p -s 80 -l 3");
    EXPECT_EQ(ran.output, "c0ffee\n");
}

TEST_F(KeyTest, NamesAProvider) {
    const auto before = counter(other, "calls");
    const auto key = Key::add("k", {.options = ask(), .provider = other}).value();
    Bytes buffer;
    EXPECT_TRUE(key.read(buffer).has_value());
    EXPECT_EQ(counter(other, "calls"), before + 1);
    EXPECT_EQ(add("tsm", "k2", "inblob=00 provider=tsmfd9"), -ENODEV);
}

TEST_F(KeyTest, IsMadeOnceUntilTheNextUpdate) {
    auto key = Key::add("k", {.options = ask(), .provider = plain}).value();
    const auto before = counter(plain, "calls");
    Bytes first;
    Bytes second;
    const ByteSpan one = key.read(first).value();
    const ByteSpan two = key.read(second).value();
    EXPECT_TRUE(std::ranges::equal(one, two));
    EXPECT_EQ(counter(plain, "calls"), before + 1);

    const Options others = ask(2);
    ASSERT_TRUE(key.update({.options = others}).has_value());
    EXPECT_TRUE(answers(others, key.read(first).value()));
    EXPECT_EQ(counter(plain, "calls"), before + 2);
}

TEST_F(KeyTest, UpdateReplacesTheOptionsWhole) {
    auto key = Key::add("k", {.options = ask(3, Format::extended)}).value();
    ASSERT_TRUE(key.update_text("inblob=ff").has_value());
    Options asked;
    asked.inblob = tsmfd::Inblob::from(Bytes{0xff}).value();
    asked.privlevel = 0;
    Bytes buffer;
    EXPECT_TRUE(answers(asked, key.read(buffer).value()));
    // And one that is refused leaves them.
    EXPECT_EQ(code_of(key.update_text("inblob=f")), EINVAL);
    EXPECT_TRUE(answers(asked, key.read(buffer).value()));
}

TEST_F(KeyTest, AShortBufferGetsTheLength) {
    const auto key = Key::add("k", {.options = ask()}).value();
    std::array<char, 8> room{};
    room.fill('x');
    EXPECT_EQ(::keyctl_read(key.id(), room.data(), room.size()), long{report_size});
    EXPECT_EQ(::keyctl_read(key.id(), nullptr, 0), long{report_size});
    EXPECT_EQ(std::string(room.data(), room.size()), "xxxxxxxx");
}

TEST_F(KeyTest, AFailureIsNotKept) {
    const auto key = Key::add("k", {.options = ask(), .provider = plain}).value();
    Bytes buffer;
    {
        const Setting fails(plain, "fail_permille", 1000);
        EXPECT_EQ(key.read(buffer).error().code, EIO);
    }
    EXPECT_TRUE(key.read(buffer).has_value());
}

class BadPayload : public KeyTest, public testing::WithParamInterface<std::string> {};

TEST_P(BadPayload, IsRefused) {
    EXPECT_EQ(add("tsm", "k", GetParam()), -EINVAL);
}

const std::string hex_of_65(130, '0');

INSTANTIATE_TEST_SUITE_P(
    All, BadPayload,
    testing::Values("auth 001", "auth 0", "auth zz", "auth " + hex_of_65, "inblob=" + hex_of_65,
                    "auth", "auth privlevel=2", "auth ", "privlevel=2", "auth 00 auth 00",
                    "privlevel=1 auth 00", "auth 00 privlevel=1 privlevel=1",
                    "auth 00 format=default format=default", "auth 00 format=sixteencharacter",
                    "auth 00 format=abcdefghijklmnop", "auth 00 format=", "auth 00 privlevel=4",
                    "auth 00 privlevel=0x4", "auth 00 privlevel=f", "auth 00 privlevel=-1",
                    "auth 00 inblob=00", "inblob=00 inblob=00",
                    "inblob=00 provider=tsmfd0 provider=tsmfd0", "inblob=00 nonsense",
                    "inblob=00 nonsense=1", "00", std::string("auth 00\0", 8),
                    std::string("inblob=00\0 privlevel=1", 22),
                    "inblob=", "inblob=00 " + std::string(4096, ' ')));

TEST_F(KeyTest, TakesSpacesTabsAndNewlinesAndEveryBase) {
    for (const std::string& payload : {std::string("auth\t00ff  privlevel=0x2\tformat=extended"),
                                       std::string("  auth 00FF\n\tprivlevel=02 format=extended\n"),
                                       std::string("format=extended\tinblob=00fF privlevel=2")}) {
        const auto key = Key::add_text("k", payload);
        ASSERT_TRUE(key.has_value()) << payload;
        Bytes buffer;
        EXPECT_TRUE(key->read(buffer).has_value()) << payload;
    }
    EXPECT_GT(add("tsm", "longest", "auth " + hex_of_65.substr(2)), 0);
    // An unprintable empty payload is any type's EINVAL; see below for what is compared.
    EXPECT_EQ(add("tsm", "k", ""), -EINVAL);
}

TEST_F(KeyTest, ASignalEndsAReadAndTheNextWaitsForTheSameReport) {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    struct sigaction before {};
    ::sigaction(SIGUSR1, &action, &before);

    const auto key = Key::add("k", {.options = ask(), .provider = plain}).value();
    const auto calls = counter(plain, "calls");
    Hang hang(plain);
    {
        Caller reader([&] { return fails(read_code(key.id())); });
        ASSERT_TRUE(reader.blocks());
        reader.signal(SIGUSR1);
        EXPECT_EQ(reader.result(), fails(EINTR));
    }
    Caller reader([&] { return fails(read_code(key.id())); });
    ASSERT_TRUE(reader.blocks());
    hang.end();
    EXPECT_EQ(reader.result(), gives(0));
    EXPECT_EQ(counter(plain, "calls"), calls + 1);
    ::sigaction(SIGUSR1, &before, nullptr);
}

TEST_F(KeyTest, AReaderOfHungFirmwareCanBeKilled) {
    const auto key = Key::add("k", {.options = ask(), .provider = plain}).value();
    const Hang hang(plain);
    Child child([&] {
        const std::int32_t own = add("tsm", "mine", "inblob=00 provider=tsmfd0");
        return read_code(own);
    });
    ASSERT_TRUE(child.sleeps());
    child.signal(SIGKILL);
    EXPECT_EQ(child.status(), 128 + SIGKILL);
}

TEST_F(KeyTest, TwoKeysReadAtOnceNeverMix) {
    const unsigned reads = kernel_is_instrumented() ? 1000 : 50'000;
    std::atomic<unsigned> right = 0;
    in_parallel(2, [&](unsigned number) {
        const Format format = number == 0 ? Format::plain : Format::extended;
        auto key = Key::add(fmt::format("k{}", number),
                            {.options = ask(number, format), .provider = wide}, Key::thread_keyring)
                       .value();
        Bytes buffer;
        for (unsigned i = 0; i < reads; ++i) {
            const Options asked = ask(number, format);
            if (!key.update({.options = asked, .provider = wide}))
                continue;
            if (const auto got = key.read(buffer); got && answers(asked, *got))
                ++right;
        }
    });
    EXPECT_EQ(right, 2 * reads);
}

// The module's parameter of that name, on until the end of the scope.
class UnprivilegedKeys {
public:
    UnprivilegedKeys() : before_(read_line(parameter)) { write_file(parameter, "Y"); }
    ~UnprivilegedKeys() { EXPECT_TRUE(try_write(parameter, before_).ok()); }
    UnprivilegedKeys(const UnprivilegedKeys&) = delete;
    UnprivilegedKeys& operator=(const UnprivilegedKeys&) = delete;

private:
    static constexpr const char* parameter = "/sys/module/tsmfd/parameters/unprivileged_keys";
    std::string before_;
};

// What any other type's key would come to, in the same situation.
constexpr std::array<const char*, 2> types = {"user", "tsm"};
constexpr const char* payload = "inblob=00ff";

TEST_F(KeyTest, RevokedFailsAsAnyOther) {
    for (const char* type : types) {
        const std::int32_t id = add(type, "k", payload);
        ASSERT_GT(id, 0);
        EXPECT_EQ(read_code(id), 0) << type;
        EXPECT_EQ(::keyctl_revoke(id), 0);
        EXPECT_EQ(read_code(id), EKEYREVOKED) << type;
        EXPECT_EQ(::keyctl_update(id, payload, 11), -1);
        EXPECT_EQ(errno, EKEYREVOKED) << type;
    }
}

TEST_F(KeyTest, ExpiredFailsAsAnyOther) {
    for (const char* type : types) {
        const std::int32_t id = add(type, "k", payload);
        ASSERT_GT(id, 0);
        EXPECT_EQ(::keyctl_set_timeout(id, 1), 0);
        EXPECT_TRUE(await([=] { return read_code(id) != 0; }, milliseconds(5000))) << type;
        EXPECT_EQ(read_code(id), EKEYEXPIRED) << type;
    }
}

TEST_F(KeyTest, AnUpdateEndsAnExpiryAsAnyOthers) {
    for (const char* type : types) {
        const std::int32_t id = add(type, "k", payload);
        EXPECT_EQ(::keyctl_set_timeout(id, 3600), 0);
        EXPECT_EQ(::keyctl_update(id, payload, 11), 0) << type;
        std::ifstream keys("/proc/keys");
        const std::string wanted = fmt::format("{:08x}", static_cast<std::uint32_t>(id));
        std::string line;
        while (std::getline(keys, line) && !line.starts_with(wanted)) {
        }
        EXPECT_NE(line.find(" perm "), std::string::npos) << type << ": " << line;
        (void)::keyctl_unlink(id, KEY_SPEC_PROCESS_KEYRING);
    }
}

TEST_F(KeyTest, WithoutPermissionFailsAsAnyOther) {
    for (const char* type : types) {
        const std::int32_t id = add(type, "k", payload);
        ASSERT_GT(id, 0);
        EXPECT_EQ(faces::as_nobody([=] { return read_code(id); }), EACCES) << type;
        EXPECT_EQ(::keyctl_setperm(id, KEY_POS_VIEW | KEY_POS_SETATTR), 0);
        EXPECT_EQ(read_code(id), EACCES) << type;
        EXPECT_EQ(::keyctl_update(id, payload, 11), -1);
        EXPECT_EQ(errno, EACCES) << type;
    }
}

TEST_F(KeyTest, ANobodyHasKeysOfItsOwn) {
    const UnprivilegedKeys allowed;
    for (const char* type : types)
        EXPECT_EQ(faces::as_nobody([=] { return read_code(add(type, "k", payload)); }), 0) << type;
}

TEST_F(KeyTest, TooManyFailAsAnyOther) {
    const UnprivilegedKeys allowed;
    // Of users of their own: what they leave is given back to the quota a little later.
    unsigned user = 60'000;
    for (const char* type : types) {
        const int code = faces::as_user(++user, [=] {
            for (int i = 0; i < 1000; ++i) {
                const std::int32_t id = add(type, fmt::format("k{}", i), payload);
                if (id < 0)
                    return -id;
            }
            return 0;
        });
        EXPECT_EQ(code, EDQUOT) << type;
    }
}

TEST_F(KeyTest, AReportOverItsOwnersQuotaIsEdquotAndComesOnceThereIsRoom) {
    const UnprivilegedKeys allowed;
    const int code = faces::as_user(60'003, [] {
        const std::string filling(1000, 'x');
        std::int32_t last = 0;
        for (int i = 0;; ++i) {
            const std::int32_t id = add("user", fmt::format("f{:02}", i), filling);
            if (id < 0)
                break;
            last = id;
        }
        const std::int32_t key = add("tsm", "k", "inblob=00ff");
        if (key < 0)
            return 250;
        if (read_code(key) != EDQUOT)
            return 251;
        // Revoked keys of type user give their bytes back at once.
        if (::keyctl_revoke(last) != 0)
            return 252;
        return read_code(key);
    });
    EXPECT_EQ(code, 0);
}

TEST_F(KeyTest, InAUserNamespaceIsAsAnyOther) {
    const UnprivilegedKeys allowed;
    for (const char* type : types) {
        const std::int32_t outside = add(type, "k", payload);
        ASSERT_GT(outside, 0);
        const int inside = faces::as_nobody([=] {
            if (::unshare(CLONE_NEWUSER) != 0)
                return 250;
            return read_code(add(type, "k", payload));
        });
        EXPECT_EQ(inside, 0) << type;
        const int others = faces::as_nobody([=] {
            if (::unshare(CLONE_NEWUSER) != 0)
                return 250;
            return read_code(outside);
        });
        EXPECT_EQ(others, EACCES) << type;
    }
    const auto ran = shell("unshare -U keyctl session - sh -c '"
                           "id=$(keyctl add tsm k inblob=00ff @s) && keyctl pipe $id' 2>/dev/null "
                           "| wc -c");
    EXPECT_EQ(ran.output, fmt::format("{}\n", report_size));
}

TEST_F(KeyTest, IsRequestedAsAnyOther) {
    for (const char* type : types) {
        const std::int32_t id = add(type, "k", payload);
        ASSERT_GT(id, 0);
        EXPECT_EQ(::request_key(type, "k", nullptr, 0), id) << type;
        EXPECT_EQ(::request_key(type, "absent", nullptr, 0), -1);
        EXPECT_EQ(errno, ENOKEY) << type;
        // Asks user space, which has no rule for it.
        EXPECT_EQ(::request_key(type, "absent", "info", KEY_SPEC_PROCESS_KEYRING), -1);
        EXPECT_EQ(errno, ENOKEY) << type;
    }
}

TEST_F(KeyTest, IsMadeByUserSpaceWhenRequestKeyHasARule) {
    const char* rule = "/etc/request-key.d/tsmfd-test.conf";
    std::ofstream(rule) << "create tsm made:* * /bin/keyctl instantiate %k %c %S\n";
    const Options asked = ask();
    const auto ran = shell("keyctl session - sh -c 'id=$(keyctl request2 tsm made:1 inblob=" +
                           tsmfd::to_hex(asked.inblob.bytes()) +
                           " @s) && keyctl pipe $id | xxd -p -c 0' 2>/dev/null");
    (void)std::remove(rule);
    EXPECT_TRUE(answers(asked, printed_report(ran)));
}

// Who may not open the device must not get a report by way of a key.
TEST_F(KeyTest, CannotBeAddedByWhoMayNotOpenTheDevice) {
    const auto is_kept_out = [] { return try_open(device_path(plain), O_RDWR) == fails(EACCES); };
    EXPECT_EQ(faces::as_nobody(is_kept_out), 1);
    const auto add_one = [] { return -add("tsm", "k", payload); };
    EXPECT_EQ(faces::as_nobody(add_one), EPERM);
    EXPECT_EQ(faces::as_nobody([&] { return ::unshare(CLONE_NEWUSER) == 0 ? add_one() : 250; }),
              EPERM)
        << "by the administrator of a user namespace";
    EXPECT_GT(add("tsm", "k", payload), 0);
}

// The new options would be the unprivileged user's, though the key is not.
TEST_F(KeyTest, CannotBeUpdatedByWhoMayNotAddOne) {
    const std::int32_t id = add("tsm", "k", "inblob=00");
    ASSERT_GT(id, 0);
    ASSERT_EQ(::keyctl_setperm(id, KEY_POS_ALL | KEY_OTH_WRITE | KEY_OTH_READ), 0);
    const auto update = [=] { return ::keyctl_update(id, payload, 11) == 0 ? 0 : errno; };
    EXPECT_EQ(faces::as_nobody(update), EPERM);
    // What its owner asked for, those whom he lets read it may read.
    EXPECT_EQ(faces::as_nobody([=] { return read_code(id); }), 0);

    const UnprivilegedKeys allowed;
    EXPECT_EQ(faces::as_nobody(update), 0);
}

TEST_F(KeyTest, OfAProviderThatHasGoneIsEnodevAndStays) {
    const auto made = Key::add("made", {.options = ask(), .provider = plain}).value();
    auto unread = Key::add("unread", {.options = ask(), .provider = plain}).value();
    Bytes buffer;
    ASSERT_TRUE(made.read(buffer).has_value());

    faces::EmulatorGone gone;
    EXPECT_EQ(unread.read(buffer).error().code, ENODEV);
    EXPECT_TRUE(unread.describe().has_value());
    EXPECT_EQ(add("tsm", "k", payload), -ENODEV);
    EXPECT_EQ(code_of(unread.update_text(payload)), ENODEV);
    EXPECT_EQ(unread.read(buffer).error().code, ENODEV);

    gone.end();
    // It was the old provider's, and is the new one's by an update only.
    EXPECT_EQ(unread.read(buffer).error().code, ENODEV);
    EXPECT_EQ(code_of(unread.update_text(payload)), 0);
    EXPECT_TRUE(unread.read(buffer).has_value());
}

} // namespace
