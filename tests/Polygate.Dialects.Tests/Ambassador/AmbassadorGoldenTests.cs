using Polygate.Dialects.Ambassador;
using Polygate.Dialects.Tests.Golden;

namespace Polygate.Dialects.Tests.Ambassador;

public sealed class AmbassadorGoldenTests
{
    public static TheoryData<string> Folders => GoldenFile.Folders("Ambassador/golden");

    [Theory]
    [MemberData(nameof(Folders))]
    public void Configuration_translates_as_reviewed(string folder) => GoldenFile.Verify(folder, new AmbassadorDialect());
}
