using Polygate.Dialects.Gloo.Resources;
using Polygate.Dialects.Tests.Golden;

namespace Polygate.Dialects.Tests.Gloo;

public sealed class GlooSchemaTests
{
    [Fact]
    public void Every_field_of_the_vendors_schemas_is_known()
    {
        var missing = CrdFields.Missing("gloo", GlooKinds.All);
        Assert.SkipWhen(missing is null, "The vendor's CRDs are not there.");
        Assert.Empty(missing!);
    }
}
