// SPDX-License-Identifier: MIT
//
// tsmctl(1), as a script would use it.
#include "support.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace {

using namespace guest;
using faces::shell;

class TsmctlTest : public GuestTest {};

// What the script prints, with jq(1) to read the JSON.
testing::AssertionResult prints(const std::string& script, const std::string& expected) {
    const auto ran = shell(script);
    if (ran.output == expected && ran.status == 0)
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << script << ": status " << ran.status << "\n" << ran.output;
}

testing::AssertionResult exits(int status, const std::string& script,
                               const std::string& saying = "") {
    const auto ran = shell(script);
    if (ran.status == status && ran.output.find(saying) != std::string::npos)
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << script << ": status " << ran.status << "\n" << ran.output;
}

TEST_F(TsmctlTest, ListsProviders) {
    EXPECT_TRUE(exits(0, "$TSMCTL providers", "tsmfd3   tsmfd_emu        2-3"));
    EXPECT_TRUE(prints("$TSMCTL providers --json | jq -c '[.schema,.providers[].device]'",
                       "[1,\"tsmfd0\",\"tsmfd1\",\"tsmfd2\",\"tsmfd3\",\"tsmfd4\"]\n"));
}

TEST_F(TsmctlTest, ReportsThroughEveryInterface) {
    for (const char* via : {"chardev", "key", "sysfs"}) {
        EXPECT_TRUE(
            prints(fmt::format("$TSMCTL report --via {} --challenge c0ffee --privlevel 2 "
                               "--format extended --provider tsmfd1 --json > /tmp/r.json && "
                               "jq -c '[.device,.provider,.via,.inblob,.privlevel,.format,"
                               "(.outblob|length),(.auxblob|length),.manifestblob]' "
                               "/tmp/r.json",
                               via),
                   fmt::format("[\"tsmfd1\",\"tsmfd_emu\",\"{}\",\"c0ffee\",2,\"extended\","
                               "{},{},\"\"]\n",
                               via, 2 * report_size, 2 * cert_table_size)));
        EXPECT_TRUE(
            prints("$TSMCTL show /tmp/r.json --json | jq -c '[.type,.vmpl,"
                   ".report_data[0:8],.emulated.certificates_agree,.emulated.inblob_bytes]'",
                   "[\"snp\",2,\"c0ffee00\",true,3]\n"));
    }
}

TEST_F(TsmctlTest, WritesHexRawAndJsonOfOneStream) {
    EXPECT_TRUE(prints("$TSMCTL report --format extended --raw | wc -c",
                       fmt::format("{}\n", report_size + cert_table_size)));
    EXPECT_TRUE(prints("$TSMCTL report | wc -c", fmt::format("{}\n", 2 * report_size + 1)));
    EXPECT_TRUE(
        prints("printf abc > /tmp/in; $TSMCTL report --challenge-file /tmp/in -o /tmp/out && "
               "$TSMCTL show /tmp/out --json | jq -r '.report_data[0:8]'",
               "61626300\n"));
    EXPECT_TRUE(prints("$TSMCTL report --raw | $TSMCTL show - | grep -c '^Report data:'", "1\n"));
    EXPECT_TRUE(prints("a=$($TSMCTL report --json | jq -r .inblob); "
                       "b=$($TSMCTL report --random --json | jq -r .inblob); "
                       "test ${#a} = 128 && test $a != $b && echo differ",
                       "differ\n"));
}

TEST_F(TsmctlTest, ShowsEveryFieldInBothForms) {
    // A top-level name in the JSON is a label at the start of a line in the text.
    EXPECT_TRUE(prints("$TSMCTL report --format extended -o /tmp/r && "
                       "test $($TSMCTL show /tmp/r | grep -c '^[A-Z]') = "
                       "$($TSMCTL show --json /tmp/r | jq 'del(.schema)|keys|length') && echo same",
                       "same\n"));
    EXPECT_TRUE(exits(1, "printf nonsense > /tmp/n; $TSMCTL show /tmp/n"));
    EXPECT_TRUE(exits(1, "$TSMCTL show /nowhere", "/nowhere: No such file or directory"));
    EXPECT_TRUE(exits(1, "echo '{}' > /tmp/n; $TSMCTL show /tmp/n", "JSON without an outblob"));
}

TEST_F(TsmctlTest, CountsWhatItAsked) {
    EXPECT_TRUE(prints("count() { $TSMCTL stats --provider tsmfd1 --json | "
                       "jq '.stats[]|select(.face==\"key\").reports'; }; "
                       "before=$(count); $TSMCTL report --via key --provider tsmfd1 >/dev/null; "
                       "echo $(($(count) - before))",
                       "1\n"));
    EXPECT_TRUE(prints("$TSMCTL stats --watch --interval 0.05 --count 3 --json | "
                       "jq -c '[.schema,(.stats|length)]' | sort | uniq -c | xargs",
                       "3 [1,20]\n"));
    EXPECT_TRUE(exits(0, "$TSMCTL stats", "chardev"));
}

TEST_F(TsmctlTest, PrintsEvents) {
    const Setting fails(plain, "fail_permille", 1000);
    EXPECT_TRUE(prints("$TSMCTL events --count 1 --seconds 20 --json > /tmp/events & "
                       "for i in $(seq 100); do $TSMCTL report >/dev/null 2>&1; "
                       "test -s /tmp/events && break; done; wait; "
                       "jq -c '[.schema,.event,.provider.device,.error]' /tmp/events",
                       "[1,\"failed\",\"tsmfd0\",\"EIO\"]\n"));
    EXPECT_TRUE(prints("$TSMCTL events --seconds 0.1", ""));
    EXPECT_TRUE(exits(1, "setpriv --reuid 65534 --clear-groups $TSMCTL events", "CAP_NET_ADMIN"));
}

TEST_F(TsmctlTest, SetsAnEmulator) {
    EXPECT_TRUE(prints("$TSMCTL emu set --provider tsmfd1 --preset gcp-milan --jitter-us 3 && "
                       "$TSMCTL emu get --provider tsmfd1 --json | "
                       "jq -c '[.preset,.\"latency-us\",.\"jitter-us\",.\"throttle-every\"]'",
                       "[\"custom\",7700,3,10]\n"));
    EXPECT_TRUE(prints("$TSMCTL emu set --provider tsmfd1 --preset snp && "
                       "$TSMCTL emu get --provider tsmfd1 | head -n 1 | xargs",
                       "preset snp\n"));
    EXPECT_TRUE(exits(1, "$TSMCTL emu set --provider tsmfd1 --hang 2", "nothing was set"));
    EXPECT_TRUE(exits(1,
                      "setpriv --reuid 65534 --clear-groups $TSMCTL emu set --provider tsmfd1 "
                      "--hang 1",
                      "which takes root"));
    EXPECT_TRUE(exits(1,
                      "unshare -m sh -c \"umount -l /sys/kernel/debug && "
                      "$TSMCTL emu get --provider tsmfd1\"",
                      "debugfs is not mounted"));
    EXPECT_TRUE(prints("$TSMCTL emu set --provider tsmfd1 --preset none", ""));
    EXPECT_EQ(setting(other, "hang"), 0U);
}

TEST_F(TsmctlTest, RefusesWhatItDoesNotUnderstand) {
    for (const char* words :
         {"", "nonsense", "report --challenge abc", "report --challenge 00 --random",
          "report --format x", "report --via x", "report --hex --json", "report --provider sda",
          "emu", "emu set", "emu set --preset x", "show", "stats --interval 1"})
        EXPECT_TRUE(exits(2, std::string("$TSMCTL ") + words)) << words;
    for (const char* words :
         {"", "providers", "report", "show", "stats", "events", "emu", "emu get", "emu set"})
        EXPECT_TRUE(exits(0, fmt::format("$TSMCTL {} --help", words))) << words;
}

TEST_F(TsmctlTest, SaysWhichModuleToLoad) {
    EXPECT_TRUE(exits(3, "$TSMCTL report --provider tsmfd9", "tsmfd9"));
    faces::EmulatorGone gone;
    for (const char* words :
         {"providers", "report", "report --via key", "stats", "emu get", "emu set --hang 0"}) {
        EXPECT_TRUE(exits(3, std::string("$TSMCTL ") + words, "tsmfd_tpm")) << words;
        EXPECT_TRUE(exits(3, std::string("$TSMCTL ") + words, "tsmfd_emu")) << words;
    }
    EXPECT_TRUE(prints("$TSMCTL providers --json 2>/dev/null | jq '.providers|length'", "0\n"));
}

TEST_F(TsmctlTest, CompletesWords) {
    const auto complete = [](const std::string& words, unsigned at) {
        return fmt::format("bash -c '. user/tools/tsmctl/tsmctl.bash; COMP_WORDS=({}); "
                           "COMP_CWORD={}; _tsmctl; echo ${{COMPREPLY[*]}}'",
                           words, at);
    };
    EXPECT_TRUE(prints(complete("tsmctl re", 1), "report\n"));
    EXPECT_TRUE(prints(complete("tsmctl report --via c", 3), "chardev configfs\n"));
    EXPECT_TRUE(prints(complete("tsmctl report --provider tsm", 3),
                       "tsmfd0 tsmfd1 tsmfd2 tsmfd3 tsmfd4\n"));
    EXPECT_TRUE(prints(complete("tsmctl emu set --pr", 3), "--provider --preset\n"));
}

} // namespace
