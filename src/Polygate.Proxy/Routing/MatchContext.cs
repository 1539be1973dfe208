using System.Text;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Routing;

/// <summary>A request as conditions see it.</summary>
/// <param name="head">The request.</param>
/// <param name="draw">The random number of this request.</param>
/// <param name="path">Its path as the routes that are looked at compare it.</param>
internal readonly ref struct MatchContext(RequestHead head, ulong draw, ReadOnlySpan<byte> path)
{
    public readonly RequestHead Head = head;

    public readonly ReadOnlySpan<byte> Path = path;

    /// <summary>One uniform random number a request; the draws of all groups follow from it.</summary>
    public readonly ulong Draw = draw;

    public MatchContext(RequestHead head, ulong draw)
        : this(head, draw, head.Path)
    {
    }

    /// <summary>The draw of a group, in [0, 1).</summary>
    public double DrawOf(ulong group)
    {
        // SplitMix64's finaliser: neighbouring groups get independent draws.
        var mixed = Draw ^ group;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        mixed ^= mixed >> 31;
        return (mixed >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>The number that stands for a group.</summary>
    public static ulong GroupOf(string name)
    {
        var hash = 14695981039346656037UL;
        foreach (var part in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ part) * 1099511628211UL;
        }

        return hash;
    }
}
