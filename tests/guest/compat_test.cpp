// SPDX-License-Identifier: MIT
//
// A 32-bit program on a 64-bit kernel.
#include "support/test.hpp"

#include <filesystem>
#include <numeric>
#include <system_error>

namespace guest {
namespace {

using Compat = GuestTest;

TEST_F(Compat, A32BitProgramGetsTheSameReportsByIoctlAndByRead) {
    const std::string program =
        std::filesystem::read_symlink("/proc/self/exe").replace_filename("tsmfd-compat32");
    Ran ran;
    try {
        ran = run_program({program, device_path(plain)});
    } catch (const std::system_error& error) {
        if (error.code().value() != ENOEXEC)
            throw;
        GTEST_SKIP() << "this kernel runs no 32-bit programs";
    }
    ASSERT_EQ(ran.status, 0) << "the step of compat32.c that failed";

    Bytes challenge(TSMFD_INBLOB_MAX);
    std::iota(challenge.begin(), challenge.end(), std::uint8_t{1});
    Options asked = ask(2, Format::extended);
    asked.inblob = tsmfd::Inblob::from(challenge).value();

    const Bytes output(ran.output.begin(), ran.output.end());
    ASSERT_EQ(output.size(), 2 * stream_size(asked));
    EXPECT_TRUE(answers(asked, ByteSpan(output).first(stream_size(asked)))) << "by ioctl";
    EXPECT_TRUE(answers(asked, ByteSpan(output).last(stream_size(asked)))) << "by read";
}

} // namespace
} // namespace guest
