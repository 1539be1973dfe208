namespace Polygate.Dialects.Traefik.Rules;

/// <summary>A rule that is not one: what was found and at which character.</summary>
public sealed class RuleSyntaxException : Exception
{
    public RuleSyntaxException(string problem, int position)
        : base($"{problem} (at character {position + 1} of the rule)") => Position = position;

    /// <summary>The offset in the rule, from 0.</summary>
    public int Position { get; }
}
