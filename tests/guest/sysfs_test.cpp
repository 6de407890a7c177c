// SPDX-License-Identifier: MIT
//
// The sysfs ABI of August 2023, which tsmfd_sysfs2023.ko has. (What comes of it when modules come
// and go is tsmfd-removal-test's.)
#include "support/files.hpp"
#include "support/sysfs2023_path.hpp"
#include "support/test.hpp"

#include <tsmfd/hex.hpp>

#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace guest {
namespace {

// Options there belong to the machine, so each test starts with some of its own.
class Sysfs2023 : public GuestTest {
protected:
    void SetUp() override {
        store("privlevel", "0");
        store("format", "default");
        store("inhex", "");
    }

    static std::string path(std::string_view name) { return sysfs2023_path(plain, name); }
    static Outcome try_store(std::string_view name, const std::string& value) {
        return try_write(path(name), value + '\n');
    }
    static void store(std::string_view name, const std::string& value) {
        EXPECT_TRUE(try_store(name, value).ok()) << name << " = " << value;
    }
    static void store(const Options& asked) {
        store("privlevel", std::to_string(asked.privlevel.value_or(0)));
        store("format", std::string(tsmfd::format_name(asked.format)));
        store("inhex", tsmfd::to_hex(asked.inblob.bytes()));
    }
    static std::string corrected_script() { return in_checkout("user/examples/report-sysfs.sh"); }
    static Bytes report() {
        const Bytes digits = read_bytes(path("report"));
        return tsmfd::from_hex(std::string(digits.begin(), digits.end())).value_or(Bytes{});
    }
};

TEST_F(Sysfs2023, ScriptOf2023RunsUnchanged) {
    if (!path("inhex").starts_with("/sys/class/tsm/"))
        GTEST_SKIP() << "class tsm is this kernel's own (CONFIG_TSM): ours has another name";
    const Options asked = ask(2, Format::extended);
    store("inhex", tsmfd::to_hex(asked.inblob.bytes()));
    const Ran ran =
        run_program({"sh", in_checkout("tests/guest/sysfs_script.sh"), "2", "extended"});
    EXPECT_EQ(ran.status, 0);
    const std::string first_line = "hex encoded attestation report for: tsmfd_emu\n";
    ASSERT_TRUE(ran.output.starts_with(first_line)) << ran.output;
    // Its -r turns the hex text that `report` gives into bytes.
    const Bytes printed(ran.output.begin() + static_cast<long>(first_line.size()),
                        ran.output.end());
    EXPECT_TRUE(answers(asked, printed));
}

TEST_F(Sysfs2023, CorrectedScriptPrintsHexadecimal) {
    const Options asked = ask(2, Format::extended);
    const Ran ran = run_program({"sh", "-c", "exec \"$@\" 2>/dev/null", "sh", corrected_script(),
                                 "2", "extended", tsmfd::to_hex(asked.inblob.bytes())});
    EXPECT_TRUE(answers(asked, printed_report(ran)));
}

// It cannot avoid the race, but does not give out what may be another's report.
TEST_F(Sysfs2023, CorrectedScriptNoticesAnotherUser) {
    const Setting latency(plain, "latency_us", 2'000'000);
    const Ran ran =
        run_program({"sh", "-c", R"("$1" 1 default 00 2>&1 & sleep 1; echo 2 >"$2"; wait $!)", "sh",
                     corrected_script(), path("privlevel")});
    EXPECT_EQ(ran.status, 1);
    EXPECT_NE(ran.output.find("somebody else"), std::string::npos) << ran.output;
}

TEST_F(Sysfs2023, OutblobIsTheReport) {
    const Options asked = ask(3, Format::extended);
    store(asked);
    EXPECT_TRUE(answers(asked, read_bytes(path("outblob"))));
}

TEST_F(Sysfs2023, ReportIsTheSameInHexDigits) {
    const Options asked = ask(3, Format::extended);
    store(asked);
    const Bytes outblob = read_bytes(path("outblob"));
    EXPECT_EQ(report(), outblob);
    EXPECT_TRUE(answers(asked, outblob));
}

TEST_F(Sysfs2023, ReportInPiecesOfAnyOffsetIsTheSame) {
    store(ask(3, Format::extended));
    const Bytes whole = read_bytes(path("report"));
    const UniqueFd fd = open_file(path("report"), O_RDONLY);
    for (const std::size_t size : {1U, 2U, 3U, 7U, 1001U}) {
        Bytes pieces;
        Bytes piece(size);
        for (;;) {
            const Outcome got = outcome_of(
                ::pread(fd.get(), piece.data(), size, static_cast<off_t>(pieces.size())));
            ASSERT_TRUE(got.ok()) << got;
            if (got.value == 0)
                break;
            pieces.insert(pieces.end(), piece.begin(), piece.begin() + got.value);
        }
        EXPECT_EQ(pieces, whole) << "in pieces of " << size;
    }
}

TEST_F(Sysfs2023, ReadingAgainMakesNoFirmwareCall) {
    store(ask());
    const Bytes first = read_bytes(path("outblob"));
    const std::uint64_t before = counter(plain, "calls");
    EXPECT_EQ(read_bytes(path("outblob")), first);
    EXPECT_EQ(report(), first);
    EXPECT_EQ(counter(plain, "calls"), before);
}

TEST_F(Sysfs2023, StoringAnOptionMakesTheNextReadANewReport) {
    Options asked = ask(1);
    store(asked);
    EXPECT_TRUE(answers(asked, read_bytes(path("outblob"))));
    store("privlevel", "2");
    asked.privlevel = 2;
    EXPECT_TRUE(answers(asked, read_bytes(path("outblob"))));
}

TEST_F(Sysfs2023, AttributesGiveBackWhatWasStored) {
    store("privlevel", "3");
    store("format", "extended");
    store("inhex", "00ABcdef");
    EXPECT_EQ(read_line(path("privlevel")), "3");
    EXPECT_EQ(read_line(path("format")), "extended");
    EXPECT_EQ(read_line(path("inhex")), "00abcdef");
}

TEST_F(Sysfs2023, InhexTakes64BytesAndGivesThemBack) {
    const std::string digits = tsmfd::to_hex(ask().inblob.bytes());
    store("inhex", digits);
    EXPECT_EQ(read_line(path("inhex")), digits);
}

TEST_F(Sysfs2023, GenerationCountsTheStores) {
    const std::uint64_t before = read_number(path("generation"));
    store("privlevel", "1");
    store("format", "extended");
    store("inhex", "00");
    EXPECT_EQ(read_number(path("generation")), before + 3);
    (void)read_bytes(path("outblob"));
    EXPECT_EQ(read_number(path("generation")), before + 3) << "a read has counted too";
}

TEST_F(Sysfs2023, RefusedStoreChangesNothing) {
    const Options asked = ask(1, Format::extended);
    store(asked);
    const Bytes before = read_bytes(path("outblob"));
    const std::uint64_t generation = read_number(path("generation"));

    for (const char* value : {"4", "-1", "4294967296", "x", ""})
        EXPECT_EQ(try_store("privlevel", value), fails(EINVAL)) << value;
    for (const char* value : {"verbose", "", "default extended"})
        EXPECT_EQ(try_store("format", value), fails(EINVAL)) << value;
    for (const std::string& value : {std::string("abc"), std::string("zz"), std::string(130, 'a')})
        EXPECT_EQ(try_store("inhex", value), fails(EINVAL)) << value;

    EXPECT_EQ(read_number(path("generation")), generation);
    EXPECT_EQ(read_bytes(path("outblob")), before);
    EXPECT_EQ(read_line(path("privlevel")), "1");
    EXPECT_EQ(read_line(path("format")), "extended");
}

TEST_F(Sysfs2023, PrivlevelBelowTheProvidersFloorIsRefused) {
    EXPECT_EQ(try_write(sysfs2023_path(floored, "privlevel"), "1\n"), fails(EINVAL));
}

TEST_F(Sysfs2023, ReadingWithoutAnInblobGivesEinval) {
    EXPECT_EQ(try_read(path("outblob")), fails(EINVAL));
    EXPECT_EQ(try_read(path("report")), fails(EINVAL));
}

TEST_F(Sysfs2023, FirmwareFailureIsGivenAndTheNextReadTriesAnew) {
    const Options asked = ask();
    store(asked);
    {
        const Setting failures(plain, "fail_permille", 1000);
        EXPECT_EQ(try_read(path("outblob")), fails(EIO));
        EXPECT_EQ(try_read(path("report")), fails(EIO));
    }
    EXPECT_TRUE(answers(asked, read_bytes(path("outblob"))));
}

TEST_F(Sysfs2023, ReportAndGenerationCannotBeWritten) {
    for (const char* name : {"outblob", "report", "generation"})
        EXPECT_EQ(try_open(path(name), O_WRONLY), fails(EACCES)) << name;
}

// As the node's: whoever may not open that must get no report here either.
TEST_F(Sysfs2023, ReportIsReadByRootAlone) {
    for (const char* name : {"outblob", "report"}) {
        struct stat status {};
        ASSERT_EQ(::stat(path(name).c_str(), &status), 0) << name;
        EXPECT_EQ(status.st_mode & 07777U, 0400U) << name;
    }
}

TEST_F(Sysfs2023, HasADeviceForEachProvider) {
    for (unsigned instance = 0; instance < instances; ++instance)
        EXPECT_EQ(read_line(sysfs2023_path(instance, "provider")), "tsmfd_emu") << instance;
}

TEST_F(Sysfs2023, DoesNotDisturbTheCharacterDevice) {
    const UniqueFd fd = open_device(plain);
    const Options asked = ask(1, Format::extended);
    set(fd.get(), asked);
    store(ask(3));
    (void)read_bytes(path("outblob"));
    EXPECT_TRUE(answers(asked, read_to_end(fd.get())));
}

// The race that /dev/tsmfdN is there to end. If sysfs no longer had it, it would not be the ABI
// that was proposed.
TEST_F(Sysfs2023, MixesUpTwoUsersWhereTheCharacterDeviceDoesNot) {
    const Options first = ask(1);
    const Options second = ask(2);
    store(first);
    store(second); // by another user, before the first has read
    EXPECT_FALSE(answers(first, read_bytes(path("outblob"))));

    const UniqueFd first_fd = open_device(plain);
    const UniqueFd second_fd = open_device(plain);
    set(first_fd.get(), first);
    set(second_fd.get(), second);
    EXPECT_TRUE(answers(first, read_to_end(first_fd.get())));
}

} // namespace
} // namespace guest
