using System.Collections.Immutable;
using Polygate.Model;

namespace Polygate.Proxy.Routing;

/// <summary>
/// What differs between the pieces of two configurations, found once for all that follow it: with tens of thousands of pieces, looking is what a small
/// change costs.
/// </summary>
/// <param name="before">The pieces before.</param>
/// <param name="configuration">Has the pieces now, and perhaps knows where they differ.</param>
internal sealed class PieceChanges(ImmutableDictionary<string, ConfigurationPiece> before, GatewayConfiguration configuration)
{
    private readonly List<(string Id, ConfigurationPiece? Before, ConfigurationPiece? After)> items =
        DictionaryDiff.Changes(before, configuration.Pieces, configuration.PieceChanges);

    /// <summary>What differs between two states: what is known already where they are those, else it is looked for.</summary>
    public IReadOnlyList<(string Id, ConfigurationPiece? Before, ConfigurationPiece? After)> Between(
        ImmutableDictionary<string, ConfigurationPiece> earlier, ImmutableDictionary<string, ConfigurationPiece> later) =>
        ReferenceEquals(before, earlier) && ReferenceEquals(configuration.Pieces, later) ? items : DictionaryDiff.Changes(earlier, later, null);
}
