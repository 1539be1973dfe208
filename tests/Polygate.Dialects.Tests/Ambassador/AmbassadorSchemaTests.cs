using Polygate.Dialects.Ambassador.Resources;
using Polygate.Dialects.Tests.Golden;

namespace Polygate.Dialects.Tests.Ambassador;

public sealed class AmbassadorSchemaTests
{
    [Fact]
    public void Every_field_of_the_vendors_schemas_is_known()
    {
        var missing = CrdFields.Missing("emissary", AmbassadorKinds.All);
        Assert.SkipWhen(missing is null, "The vendor's CRDs are not there.");

        // Older versions' own names are upgraded before the type is read.
        Assert.DoesNotContain(missing!, field => field.Split('.')[^1] is not (['v', '3', ..] or "ambassadorId"));
    }
}
