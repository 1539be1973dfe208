using System.Collections.Immutable;
using Polygate.Model;

namespace Polygate.Proxy.Routing;

/// <summary>
/// What differs between the pieces of two configurations, found once for all that follow it: with tens of thousands of pieces, looking is what a small
/// change costs.
/// </summary>
/// <param name="before">The pieces before.</param>
/// <param name="after">The pieces now.</param>
internal sealed class PieceChanges(ImmutableDictionary<string, ConfigurationPiece> before, ImmutableDictionary<string, ConfigurationPiece> after)
{
    private readonly List<(string Id, ConfigurationPiece? Before, ConfigurationPiece? After)> items = DictionaryDiff.Changes(before, after);

    /// <summary>What differs between two states: what is known already where they are those, else it is looked for.</summary>
    public IReadOnlyList<(string Id, ConfigurationPiece? Before, ConfigurationPiece? After)> Between(
        ImmutableDictionary<string, ConfigurationPiece> earlier, ImmutableDictionary<string, ConfigurationPiece> later) =>
        ReferenceEquals(before, earlier) && ReferenceEquals(after, later) ? items : DictionaryDiff.Changes(earlier, later);
}
