using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.Tests.Golden;

namespace Polygate.Dialects.Tests.IngressNginx;

public sealed class IngressNginxGoldenTests
{
    public static TheoryData<string> Folders => GoldenFile.Folders("IngressNginx/golden");

    [Theory]
    [MemberData(nameof(Folders))]
    public void Translates_as_the_golden_file_says(string folder) => GoldenFile.Verify(folder, new IngressNginxDialect());
}
