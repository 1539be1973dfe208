using Polygate.Dialects.GatewayApi;
using Polygate.Dialects.Tests.Golden;

namespace Polygate.Dialects.Tests.GatewayApi;

public sealed class GatewayApiGoldenTests
{
    public static TheoryData<string> Folders => GoldenFile.Folders("GatewayApi/golden");

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_configuration_becomes_what_its_golden_file_says(string folder) => GoldenFile.Verify(folder, new GatewayApiDialect());
}
