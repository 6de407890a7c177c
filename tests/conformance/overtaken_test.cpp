// SPDX-License-Identifier: MIT
//
// A reader whom a writer overtakes. configfs asks for a blob's length, allocates that much memory,
// and then asks for the bytes; the options are written in between, and the report for the new ones
// has another length.
#include "support/files.hpp"
#include "support/test.hpp"

#include <algorithm>

#include <fcntl.h>
#include <sched.h>

namespace conformance {
namespace {

// Of an SNP report, which the emulator's is.
constexpr std::size_t vmpl_at = 0x30;
constexpr std::size_t report_data_at = 0x50;

void run_on_first_cpu(int policy) {
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    const sched_param priority{.sched_priority = policy == SCHED_FIFO ? 50 : 0};
    if (::sched_setaffinity(0, sizeof(first), &first) != 0 ||
        ::sched_setscheduler(0, policy, &priority) != 0)
        guest::throw_errno("run on the first processor", errno);
}

// What the emulator answers, as short_permille has it: whole reports, or their first halves.
enum class Firmware { gives_whole, gives_half };

// Is it the report for those options, to its last byte?
testing::AssertionResult is_report(ByteSpan got, const Options& asked, Firmware firmware) {
    const std::size_t size = guest::report_size / (firmware == Firmware::gives_half ? 2 : 1);
    if (got.size() != size)
        return testing::AssertionFailure() << got.size() << " bytes and not " << size;
    if (!std::ranges::equal(got.subspan(report_data_at, asked.inblob.bytes().size()),
                            asked.inblob.bytes()))
        return testing::AssertionFailure() << "another inblob";
    if (got[vmpl_at] != asked.privlevel)
        return testing::AssertionFailure() << "privlevel " << int{got[vmpl_at]};
    if (firmware == Firmware::gives_half)
        return testing::AssertionSuccess();
    const tsmfd::Verdict verdict = tsmfd::judge(
        guest::challenge_of(asked), {.outblob = got, .auxblob = {}, .auxblob_known = false});
    return verdict.ok() ? testing::AssertionSuccess()
                        : testing::AssertionFailure() << verdict.text();
}

ByteSpan first_of(const Bytes& room, Outcome got) {
    return ByteSpan(room).first(static_cast<std::size_t>(got.value));
}

class OvertakenReader : public ConformanceTest {
protected:
    /*
     * The writer shares the reader's processor and goes before it, so that what it writes while
     * the firmware works takes effect before the reader asks for the bytes.
     */
    void read_and_overtake(Firmware before, Firmware after) {
        const TestItem item;
        const Options first = ask(0);
        set(item, first);
        Options later = first;
        later.privlevel = 1;

        const Setting latency(plain, "latency_us", 500'000);
        Setting short_permille(plain, "short_permille", before == Firmware::gives_half ? 1000 : 0);
        const tsmfd::UniqueFd fd = guest::open_file(item.file("outblob"), O_RDONLY);
        Bytes room(65536);
        Caller reader([&] {
            run_on_first_cpu(SCHED_OTHER);
            return guest::get(fd.get(), room);
        });
        ASSERT_TRUE(reader.blocks());
        Caller writer([&] {
            run_on_first_cpu(SCHED_FIFO);
            short_permille.set(after == Firmware::gives_half ? 1000 : 0);
            return put(item, "privlevel", "1");
        });
        EXPECT_EQ(writer.result(), gives(1));

        Outcome got = reader.result();
        if (got == fails(EBUSY)) {
            ++refused_;
            // Who is told so reads again, and in the same open file.
            got = guest::get(fd.get(), room);
            ASSERT_TRUE(got.ok()) << got;
            EXPECT_TRUE(is_report(first_of(room, got), later, after));
            return;
        }
        ASSERT_TRUE(got.ok()) << got;
        const ByteSpan outblob = first_of(room, got);
        const auto is_first = is_report(outblob, first, before);
        const auto is_later = is_report(outblob, later, after);
        EXPECT_TRUE(is_first || is_later) << "not the former: " << is_first.message()
                                          << "; not the later: " << is_later.message();
    }

    void read_and_overtake_thrice(Firmware before, Firmware after) {
        for (unsigned round = 0; round < 3; ++round)
            read_and_overtake(before, after);
        // Else nobody was overtaken, and this has shown nothing.
        EXPECT_TRUE(refused_ > 0 || !subject_is_dropin());
    }

private:
    unsigned refused_ = 0;
};

TEST_F(OvertakenReader, GetsNoByteBehindAShorterReport) {
    read_and_overtake_thrice(Firmware::gives_whole, Firmware::gives_half);
}

TEST_F(OvertakenReader, GetsNoPartOfALongerReport) {
    read_and_overtake_thrice(Firmware::gives_half, Firmware::gives_whole);
}

} // namespace
} // namespace conformance
