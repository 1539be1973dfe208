using Polygate.Dialects.Kong;
using Polygate.Dialects.Tests.Golden;

namespace Polygate.Dialects.Tests.Kong;

public sealed class KongGoldenTests
{
    public static TheoryData<string> Folders => GoldenFile.Folders("Kong/golden");

    [Theory]
    [MemberData(nameof(Folders))]
    public void Translates_as_reviewed(string folder) => GoldenFile.Verify(folder, new KongDialect());
}
