// SPDX-License-Identifier: MIT
//
// write(2) of /dev/tsmfdN: what sets options, and what sets none of them.
#include "support/test.hpp"

#include <string>

#include <sys/mman.h>
#include <unistd.h>

namespace guest {
namespace {

// An open file with options whose report has been read in part. A refused write must leave both as
// they were, which is looked at at each test's end.
class RefusedWrite : public GuestTest {
protected:
    RefusedWrite() : fd_(open_device(plain)), before_(ask(1, Format::extended, 20)) {
        set(fd_.get(), before_);
        EXPECT_EQ(get(fd_.get(), report_), gives(report_.size()));
    }

    void TearDown() override {
        const Bytes rest = read_to_end(fd_.get());
        report_.insert(report_.end(), rest.begin(), rest.end());
        EXPECT_TRUE(answers(before_, report_)) << "the report is not as before";
        // Another inblob and nothing else: a new report with the other options as before.
        Options after = before_;
        after.inblob = ask({}, Format::plain, 30).inblob;
        Options only_inblob;
        only_inblob.inblob = after.inblob;
        const std::string text = only_inblob.text();
        EXPECT_TRUE(put(fd_.get(), text.substr(text.find("inblob="))).ok());
        EXPECT_TRUE(answers(after, read_to_end(fd_.get()))) << "the options are not as before";
        GuestTest::TearDown();
    }

    UniqueFd fd_;
    Options before_;
    Bytes report_ = Bytes(700); // its start; the rest is read behind the refused write
};

struct BadText {
    std::string name;
    std::string text;
    int error;
};

void PrintTo(const BadText& bad, std::ostream* to) {
    *to << bad.text.size() << " bytes, " << tsmfd::errno_name(bad.error);
}

class BadTextWrite : public RefusedWrite, public testing::WithParamInterface<BadText> {};

TEST_P(BadTextWrite, IsRefusedAndChangesNothing) {
    EXPECT_EQ(put(fd_.get(), GetParam().text), fails(GetParam().error));
}

std::string with_nul(const std::string& before, const std::string& after) {
    return before + '\0' + after;
}

std::string of_length(std::size_t length) {
    const std::string text = "privlevel=2 format=default inblob=00";
    return text + std::string(length - text.size(), ' ');
}

// Each but the bare ones also names an option rightly: it must not be set either.
const BadText bad_texts[] = {
    {"AnUnknownName", "privlevel=2 colour=blue", EINVAL},
    {"AnUnknownNameFirst", "colour=blue privlevel=2", EINVAL},
    {"AnUnknownNameInTheMiddle", "privlevel=2 colour=blue inblob=00", EINVAL},
    {"ANameInCapitals", "PRIVLEVEL=2", EINVAL},
    {"AWordWithoutAValue", "format=default privlevel", EINVAL},
    {"AValueWithoutAName", "privlevel=2 =1", EINVAL},
    {"ASpaceAroundTheEqualsSign", "privlevel = 2", EINVAL},
    {"ACommaForASpace", "privlevel=2,format=default", EINVAL},
    {"AnOddNumberOfDigits", "privlevel=2 inblob=abc", EINVAL},
    {"ADigitThatIsNone", "privlevel=2 inblob=0g", EINVAL},
    {"AHexPrefix", "privlevel=2 inblob=0x00", EINVAL},
    {"AnInblobOf65Bytes", "privlevel=2 inblob=" + std::string(130, 'a'), EINVAL},
    {"AnInblobOf1000Bytes", "privlevel=2 inblob=" + std::string(2000, 'a'), EINVAL},
    {"Privlevel4", "format=default privlevel=4", EINVAL},
    {"PrivlevelMinus1", "format=default privlevel=-1", EINVAL},
    {"Privlevel2ToThe32", "format=default privlevel=4294967296", EINVAL},
    {"Privlevel2ToThe32Plus1", "format=default privlevel=4294967297", EINVAL},
    {"Privlevel2ToThe64Plus1", "format=default privlevel=18446744073709551617", EINVAL},
    {"APrivlevelThatIsNoNumber", "format=default privlevel=two", EINVAL},
    {"APrivlevelWithMoreBehindIt", "format=default privlevel=2x", EINVAL},
    {"AnEmptyPrivlevel", "format=default privlevel=", EINVAL},
    {"AnUnknownFormat", "privlevel=2 format=verbose", EINVAL},
    {"AnAbbreviatedFormat", "privlevel=2 format=def", EINVAL},
    {"AnEmptyFormat", "privlevel=2 format=", EINVAL},
    {"TwoPrivlevels", "privlevel=2 privlevel=2", EINVAL},
    {"TwoFormats", "format=default privlevel=2 format=default", EINVAL},
    {"TwoInblobs", "inblob=00 inblob=11", EINVAL},
    {"AResetThatIsNotFirst", "privlevel=2 reset", EINVAL},
    {"AResetWithAValue", "reset=1", EINVAL},
    {"ABadWordAfterReset", "reset privlevel=9", EINVAL},
    {"NothingAtAll", "", EINVAL},
    {"OnlySpaces", " \t\n ", EINVAL},
    {"AnEmbeddedNul", with_nul("privlevel=2 ", "inblob=00"), EINVAL},
    {"ANulAtTheEnd", with_nul("privlevel=2", ""), EINVAL},
    {"ANulAtTheStart", with_nul("", "privlevel=2"), EINVAL},
    {"BytesThatAreNoText", "privlevel=2 \xff\xfe\x80", EINVAL},
    {"AServiceProvider", "privlevel=2 service_provider=svsm", EOPNOTSUPP},
    {"AServiceGuid", "privlevel=2 service_guid=63da758d-e664-4564-adc5-f4b93be8accd", EOPNOTSUPP},
    {"AServiceManifestVersion", "privlevel=2 service_manifest_version=1", EOPNOTSUPP},
    {"AServiceProviderTooLong", "privlevel=2 service_provider=0123456789abcdef", EINVAL},
    {"AnEmptyServiceProvider", "privlevel=2 service_provider=", EINVAL},
    {"AGuidCutShort", "privlevel=2 service_guid=63da758d-e664-4564-adc5-f4b93be8acc", EINVAL},
    {"AGuidWithMoreBehindIt", "privlevel=2 service_guid=63da758d-e664-4564-adc5-f4b93be8accd0",
     EINVAL},
    {"FourThousandAndNinetySevenBytes", of_length(TSMFD_WRITE_MAX + 1), E2BIG},
    {"FiveKibibytes", of_length(5U << 10), E2BIG},
    {"AMebibyte", of_length(1U << 20), E2BIG},
};

INSTANTIATE_TEST_SUITE_P(Of, BadTextWrite, testing::ValuesIn(bad_texts),
                         [](const auto& bad) { return bad.param.name; });

// Two pages, of which the second may not be touched.
class HalfMapped {
public:
    HalfMapped()
        : page_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))),
          start_(::mmap(nullptr, 2 * page_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                        0)) {
        EXPECT_EQ(::mprotect(boundary(), page_, PROT_NONE), 0);
    }
    ~HalfMapped() { ::munmap(start_, 2 * page_); }
    HalfMapped(const HalfMapped&) = delete;
    HalfMapped& operator=(const HalfMapped&) = delete;

    [[nodiscard]] char* boundary() const { return static_cast<char*>(start_) + page_; }

private:
    std::size_t page_;
    void* start_;
};

TEST_F(RefusedWrite, FromMemoryThatIsNotThereGivesEfault) {
    const HalfMapped memory;
    EXPECT_EQ(outcome_of(::write(fd_.get(), memory.boundary(), 20)), fails(EFAULT));
}

TEST_F(RefusedWrite, FromMemoryThatEndsHalfwayGivesEfault) {
    const HalfMapped memory;
    const std::string text = "privlevel=2 ";
    char* const start = memory.boundary() - text.size();
    std::ranges::copy(text, start);
    EXPECT_EQ(outcome_of(::write(fd_.get(), start, text.size() + 4)), fails(EFAULT));
}

class TextOptions : public GuestTest {
protected:
    TextOptions() : fd_(open_device(plain)) {}

    UniqueFd fd_;
};

TEST_F(TextOptions, AreTakenWithAndWithoutANewline) {
    for (const char* end : {"", "\n"}) {
        const Options asked = ask(3);
        std::string text = asked.text();
        text.pop_back();
        text += end;
        EXPECT_EQ(put(fd_.get(), text), gives(text.size()));
        EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
    }
}

TEST_F(TextOptions, AreTakenWithTabsNewlinesAndManySpaces) {
    const Options asked = ask(3, Format::extended);
    std::string text = " \n" + asked.text() + "\n\t ";
    text.replace(text.find(" format"), 1, "\t \n ");
    EXPECT_EQ(put(fd_.get(), text), gives(text.size()));
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
}

TEST_F(TextOptions, AreTakenInAnyOrder) {
    const Options asked = ask(2, Format::extended, 2);
    const std::string text = "inblob=" + asked.text().substr(asked.text().size() - 5, 4) +
                             " format=extended privlevel=2";
    EXPECT_EQ(put(fd_.get(), text), gives(text.size()));
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
}

TEST_F(TextOptions, TakeDigitsInCapitals) {
    Options asked = ask(1);
    asked.inblob = tsmfd::Inblob::from(Bytes{0xab, 0xcd, 0xef}).value();
    EXPECT_TRUE(put(fd_.get(), "privlevel=1 inblob=ABcdEF").ok());
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
}

TEST_F(TextOptions, TakeAWriteOfExactly4096Bytes) {
    const Options asked = ask(3);
    const std::string text = asked.text() + std::string(TSMFD_WRITE_MAX - asked.text().size(), ' ');
    EXPECT_EQ(put(fd_.get(), text), gives(TSMFD_WRITE_MAX));
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
}

TEST_F(TextOptions, ThatAreNotNamedStayAsTheyWere) {
    Options asked = ask(3, Format::extended, 1);
    set(fd_.get(), asked);
    asked.privlevel = 0;
    EXPECT_TRUE(put(fd_.get(), "privlevel=0").ok());
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
    asked.format = Format::plain;
    EXPECT_TRUE(put(fd_.get(), "format=default").ok());
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
}

TEST_F(TextOptions, AreForgottenByReset) {
    set(fd_.get(), ask(3, Format::extended));
    EXPECT_TRUE(put(fd_.get(), "reset\n").ok());
    Bytes buffer(4096);
    EXPECT_EQ(get(fd_.get(), buffer), fails(EINVAL)) << "the inblob is still there";

    const Options asked = ask(0, Format::plain, 2);
    EXPECT_TRUE(put(fd_.get(), asked.text().substr(asked.text().find("inblob="))).ok());
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get()))) << "privlevel or format is still there";
}

TEST_F(TextOptions, AreReplacedWholeByResetInTheSameWrite) {
    set(fd_.get(), ask(3, Format::extended));
    const Options asked = ask(0, Format::plain, 2);
    EXPECT_TRUE(put(fd_.get(), "reset " + asked.text().substr(asked.text().find("inblob="))).ok());
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
}

TEST_F(TextOptions, LoseTheInblobToAnEmptyOne) {
    set(fd_.get(), ask());
    EXPECT_TRUE(put(fd_.get(), "inblob=").ok());
    Bytes buffer(4096);
    EXPECT_EQ(get(fd_.get(), buffer), fails(EINVAL));
}

TEST_F(TextOptions, BelongToTheOpenFile) {
    const UniqueFd second = open_device(plain);
    const Options first_asked = ask(1, Format::extended);
    const Options second_asked = ask(2, Format::plain, 17);
    set(fd_.get(), first_asked);
    set(second.get(), second_asked);
    EXPECT_TRUE(answers(first_asked, read_to_end(fd_.get())));
    EXPECT_TRUE(answers(second_asked, read_to_end(second.get())));
}

TEST_F(TextOptions, AreNotThereInANewFile) {
    set(fd_.get(), ask());
    fd_ = open_device(plain);
    Bytes buffer(4096);
    EXPECT_EQ(get(fd_.get(), buffer), fails(EINVAL));
}

TEST_F(TextOptions, MustNotGoBelowTheProvidersPrivlevelFloor) {
    const UniqueFd fd = open_device(floored);
    EXPECT_EQ(put(fd.get(), "privlevel=1 inblob=00"), fails(EINVAL));
    const Options asked = ask(floored_privlevel);
    set(fd.get(), asked);
    EXPECT_TRUE(answers(asked, read_to_end(fd.get())));
}

TEST_F(TextOptions, WithoutAPrivlevelMeanTheProvidersFloor) {
    for (const Instance instance : {plain, floored}) {
        const UniqueFd fd = open_device(instance);
        set(fd.get(), ask());
        const Bytes report = read_to_end(fd.get());
        EXPECT_EQ(tag_of(report).privlevel, instance == floored ? floored_privlevel : 0);
    }
}

} // namespace
} // namespace guest
