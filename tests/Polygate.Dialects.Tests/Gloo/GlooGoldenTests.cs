using Polygate.Dialects.Gloo;
using Polygate.Dialects.Tests.Golden;

namespace Polygate.Dialects.Tests.Gloo;

public sealed class GlooGoldenTests
{
    public static TheoryData<string> Folders => GoldenFile.Folders("Gloo/golden");

    [Theory]
    [MemberData(nameof(Folders))]
    public void Configuration_translates_as_reviewed(string folder) => GoldenFile.Verify(folder, new GlooDialect());
}
