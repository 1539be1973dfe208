using System.CommandLine;
using System.CommandLine.Parsing;

namespace Polygate.Commands;

/// <summary><c>--map-port 80=8000</c>: which port is bound for a configured one.</summary>
internal static class MapPortOption
{
    public static Option<string[]> Create() => new("--map-port")
    {
        Description = "Bind another port for a configured one (80=8080). By default ports below 1024 are bound 8000 higher.",
        HelpName = "FROM=TO",
        Validators = { Validate },
    };

    /// <summary>The bound ports by configured port; where one is named twice, the last counts.</summary>
    public static IReadOnlyDictionary<int, int> PortsOf(ParseResult parsed, Option<string[]> option)
    {
        var ports = new Dictionary<int, int>();
        foreach (var map in parsed.GetValue(option) ?? [])
        {
            var (from, to) = Parse(map)!.Value;
            ports[from] = to;
        }

        return ports;
    }

    private static (int From, int To)? Parse(string map)
    {
        var sides = map.Split('=');
        return sides.Length == 2 && ushort.TryParse(sides[0], out var from) && ushort.TryParse(sides[1], out var to) && from > 0 && to > 0 ? (from, to) : null;
    }

    private static void Validate(OptionResult result)
    {
        foreach (var token in result.Tokens.Where(token => Parse(token.Value) is null))
        {
            result.AddError($"\"{token.Value}\" is not a pair of ports, such as 80=8080.");
        }
    }
}
