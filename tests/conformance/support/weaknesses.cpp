// SPDX-License-Identifier: MIT
#include "support/weaknesses.hpp"

#include <algorithm>
#include <array>

namespace conformance {

namespace {

// Lines of drivers/virt/coco/tsm.c as in Debian's linux-source-6.12 (6.12.117).
constexpr std::string_view one_lock = "295: guard(rwsem_write) across report_new()";
constexpr std::string_view show_lock = "220, 227, 267: guard(rwsem_read), behind 295";
constexpr std::string_view one_provider = "475: tsm_register() knows one provider";

constexpr std::array weaknesses = {
    Weakness{"WhileTheFirmwareWorks.AnotherItemsGenerationCanBeRead", show_lock,
             "the reader waits for another item's firmware call"},
    Weakness{"WhileTheFirmwareWorks.AnotherItemsProviderCanBeRead", show_lock,
             "the reader waits for another item's firmware call"},
    Weakness{"WhileTheFirmwareWorks.AnotherItemsFinishedReportCanBeRead", show_lock,
             "the reader waits for another item's firmware call"},
    Weakness{"WhileTheFirmwareWorks.TheItemsOwnGenerationCanBeRead", show_lock,
             "the reader waits for the firmware call"},
    Weakness{"WhileTheFirmwareWorks.AnotherItemTakesOptions", "96: guard(rwsem_write), behind 295",
             "the writer waits for another item's firmware call"},
    Weakness{"WhileTheFirmwareWorks.TheItemTakesOptionsForTheNextReport",
             "96: guard(rwsem_write), behind 295", "the writer waits for the firmware call"},
    Weakness{"WhileTheFirmwareWorks.AnItemCanBeMade", "427: guard(rwsem_read), behind 295",
             "mkdir waits for another item's firmware call"},
    Weakness{"WhileTheFirmwareWorks.AWaitingReaderCanBeKilled", one_lock,
             "whoever waits for the lock cannot be killed"},
    Weakness{"OvertakenReader.GetsNoByteBehindAShorterReport",
             "318: the lock is dropped between the length and the bytes",
             "a shorter report is followed by memory that nobody has written"},
    Weakness{"OvertakenReader.GetsNoPartOfALongerReport",
             "318: the lock is dropped between the length and the bytes",
             "a longer report ends where the shorter one would have"},
    Weakness{"Report.ThatIsEmptyIsAnError", "313: report_new()'s success is not looked into",
             "an empty report is the end of the file, without an errno"},
    Weakness{"FlooredPrivlevel.IsWhatAReportHasThatNamesNone",
             "438: a privlevel that is not written is 0", "the driver is asked below its floor"},
    Weakness{"Service.GuidRefusedChangesNothing",
             "163, 167: the generation moves and the GUID is cleared before it is parsed",
             "a failed write changes the options"},
    Weakness{"Provider.ReturnsWhileItemsArePresent", "481: provider.count",
             "a driver cannot be loaded again while anyone has an item"},
    Weakness{"Provider.ThatLeavesSaysSoAtOnceToWhoWaitsInTheQueue", one_lock,
             "who waits learns of it after the firmware call"},
    Weakness{"Provider.IsReachableByDescriptorToo", one_provider, "configfs is all there is"},
    Weakness{"Selection.IsOfferedWhereThereIsOne", one_provider, "the second one is refused"},
    Weakness{"Selection.OfAnotherAsksThat", one_provider, "the second one is refused"},
    Weakness{"Selection.IsAnItemsOwn", one_provider, "the second one is refused"},
    Weakness{"Selection.CountsAsAWrite", one_provider, "the second one is refused"},
    Weakness{"Selection.OfNobodyIsENODEV", one_provider, "the second one is refused"},
    Weakness{"Selection.ThatThePrivlevelForbidsIsEINVAL", one_provider,
             "the second one is refused"},
    Weakness{"Selection.AfterAReportIsEBUSY", one_provider, "the second one is refused"},
};

} // namespace

std::span<const Weakness> stock_weaknesses() {
    return weaknesses;
}

const Weakness* stock_weakness(std::string_view test) {
    const auto found = std::ranges::find(weaknesses, test, &Weakness::test);
    return found == weaknesses.end() ? nullptr : &*found;
}

} // namespace conformance
