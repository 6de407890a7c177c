// SPDX-License-Identifier: MIT
//
// /dev/tsmfd0 from a shell: the session of the documentation, and user/examples/report.sh.
#include "support/test.hpp"

#include <tsmfd/hex.hpp>

#include <string>

namespace guest {
namespace {

class Shell : public GuestTest {
protected:
    static std::string hex_of(const Options& asked) { return tsmfd::to_hex(asked.inblob.bytes()); }

    static Ran run_example(std::uint32_t privlevel, const std::string& format,
                           const std::string& inblob) {
        return run_program({in_checkout("user/examples/report.sh"), std::to_string(privlevel),
                            format, inblob, device_path(plain)});
    }
};

TEST_F(Shell, SessionOfThreeLinesPrintsTheReport) {
    const Options asked = ask(2, Format::extended);
    const Ran ran = run_program({"bash", "-c",
                                 "exec 3<>/dev/tsmfd0\n"
                                 "echo \"privlevel=$1 format=$2 inblob=$3\" >&3\n"
                                 "xxd -p -c 0 <&3\n",
                                 "session", "2", "extended", hex_of(asked)});
    EXPECT_TRUE(answers(asked, printed_report(ran)));
}

TEST_F(Shell, SessionWithAnOptionALinePrintsTheReport) {
    const Options asked = ask(1);
    const Ran ran = run_program({"bash", "-c",
                                 "exec 3<>/dev/tsmfd0\n"
                                 "echo \"inblob=$1\" >&3\n"
                                 "echo privlevel=1 >&3\n"
                                 "xxd -p -c 0 <&3\n",
                                 "session", hex_of(asked)});
    EXPECT_TRUE(answers(asked, printed_report(ran)));
}

TEST_F(Shell, SessionSaysSoWhenAnOptionIsWrong) {
    const Ran ran = run_program({"bash", "-c",
                                 "exec 3<>/dev/tsmfd0\n"
                                 "echo \"privlevel=9 inblob=00\" 2>&1 >&3\n"});
    EXPECT_NE(ran.status, 0);
    EXPECT_NE(ran.output.find("Invalid argument"), std::string::npos) << ran.output;
}

TEST_F(Shell, ExamplePrintsTheReport) {
    const Options asked = ask(3, Format::extended);
    EXPECT_TRUE(answers(asked, printed_report(run_example(3, "extended", hex_of(asked)))));
}

TEST_F(Shell, ExampleFailsWhenAnOptionIsWrong) {
    const Ran ran = run_program({"sh", "-c", "exec 2>&1; exec \"$@\"", "sh",
                                 in_checkout("user/examples/report.sh"), "3", "verbose", "00"});
    EXPECT_NE(ran.status, 0);
    EXPECT_NE(ran.output.find("Invalid argument"), std::string::npos) << ran.output;
}

TEST_F(Shell, ExamplesAtTheSameTimeEachPrintTheirOwnReport) {
    const Setting latency(plain, "latency_us", 20'000);
    in_parallel(4, [](unsigned number) {
        const Options asked = ask(number, number % 2 ? Format::extended : Format::plain);
        EXPECT_TRUE(
            answers(asked, printed_report(run_example(number, number % 2 ? "extended" : "default",
                                                      hex_of(asked)))));
    });
}

} // namespace
} // namespace guest
