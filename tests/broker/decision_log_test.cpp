// SPDX-License-Identifier: MIT
#include "decision_log.hpp"
#include "directory.hpp"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

using namespace keybroker;
using Json = nlohmann::json;

class Log : public testing::Test {
protected:
    void write(int lines) {
        auto log = DecisionLog::open(path).value();
        for (int i = 0; i < lines; ++i)
            ASSERT_TRUE(log.append({.event = "refused",
                                    .peer = "tcp:127.0.0.1:1",
                                    .name = "root",
                                    .reason = "nonce",
                                    .detail = "\xff\"\n"}));
        head = log.state().head;
    }

    Directory directory;
    std::string path = directory.of("log");
    std::string head;
};

TEST_F(Log, ItsLinesFollowFromEachOther) {
    write(3);
    const LogState state = check_log(path).value();
    EXPECT_EQ(state.lines, 3U);
    EXPECT_EQ(state.head, head);
    const auto lines = directory.lines("log");
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(Json::parse(lines[0])["prev"], std::string(64, '0'));
    EXPECT_EQ(Json::parse(lines[2])["name"], "root");
    EXPECT_EQ(Json::parse(lines[2])["event"], "refused");
}

TEST_F(Log, GoesOnWhereItEnded) {
    write(2);
    write(2);
    EXPECT_EQ(check_log(path)->lines, 4U);
}

TEST_F(Log, EveryChangedByteShows) {
    write(3);
    const std::string whole = directory.read("log");
    const std::size_t last_line = whole.rfind('\n', whole.size() - 2) + 1;
    for (std::size_t at = 0; at < last_line; ++at) {
        std::string other = whole;
        other[at] = static_cast<char>(other[at] ^ 1);
        directory.write("log", other);
        EXPECT_FALSE(check_log(path)) << at;
    }
    // The last line's own bytes show in the head alone.
    for (std::size_t at = last_line; at < whole.size(); ++at) {
        std::string other = whole;
        other[at] = static_cast<char>(other[at] ^ 1);
        directory.write("log", other);
        const auto state = check_log(path);
        EXPECT_TRUE(!state || state->head != head) << at;
    }
}

TEST_F(Log, LinesTakenOutPutInOrSwappedShow) {
    write(4);
    const auto lines = directory.lines("log");
    const auto without = [&](std::size_t left_out) {
        std::string text;
        for (std::size_t i = 0; i < lines.size(); ++i)
            text += i == left_out ? "" : lines[i] + "\n";
        return text;
    };
    for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
        directory.write("log", without(i));
        EXPECT_EQ(check_log(path).error().code, EBADMSG) << i;
    }
    directory.write("log", lines[0] + "\n" + lines[0] + "\n");
    EXPECT_FALSE(check_log(path));
    directory.write("log", lines[1] + "\n" + lines[0] + "\n");
    EXPECT_FALSE(check_log(path));
    directory.write("log", without(3));
    EXPECT_NE(check_log(path)->head, head); // cut off at its end
    directory.write("log",
                    lines[0] + std::string("\0 what follows a zero", 20) + "\n" + lines[1] + "\n");
    EXPECT_FALSE(check_log(path));
    for (const std::string_view bad : {"{}\n", "[]\n", "nonsense\n", "\n"}) {
        directory.write("log", bad);
        EXPECT_FALSE(check_log(path)) << bad;
    }
}

TEST_F(Log, IsNotContinuedOnceTamperedWith) {
    write(2);
    std::string whole = directory.read("log");
    whole[40] = static_cast<char>(whole[40] ^ 1);
    directory.write("log", whole);
    EXPECT_EQ(DecisionLog::open(path).error().code, EBADMSG);
}

TEST_F(Log, IsOneBrokersOnly) {
    const auto log = DecisionLog::open(path);
    EXPECT_EQ(DecisionLog::open(path).error().code, EWOULDBLOCK);
}

TEST_F(Log, SaysThatItCannotBeWritten) {
    write(1);
    auto log = DecisionLog::open(path).value();
    {
        const FileLimit no_more(std::filesystem::file_size(path) + 10);
        EXPECT_EQ(log.append({.event = "released"}).error().code, EIO);
    }
    // Half a line is there: nothing may follow it.
    EXPECT_FALSE(log.append({.event = "released"}));
    EXPECT_FALSE(check_log(path));
}

TEST_F(Log, ALineWithoutEndIsNotRead) {
    EXPECT_EQ(check_log("/dev/zero").error().code, EBADMSG);
}

} // namespace
