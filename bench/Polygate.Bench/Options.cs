using System.Globalization;

namespace Polygate.Bench;

/// <summary>What the command line asks for.</summary>
internal sealed record Options
{
    public string Polygate { get; private init; } = "artifacts/native/polygate";

    public string Yarp { get; private init; } = "artifacts/yarp/Polygate.Bench.Yarp";

    /// <summary>How often the proxies take turns.</summary>
    public int Rounds { get; private init; } = 5;

    /// <summary>How long each turn lasts.</summary>
    public int Seconds { get; private init; } = 3;

    /// <summary>A look in under three minutes: one short round, and neither the slow scenarios nor HAProxy and YARP.</summary>
    public bool IsQuick { get; private init; }

    /// <summary>Where the results go, without the extension; null to write none.</summary>
    public string? Output { get; private init; } = "bench/results";

    /// <summary>Empty for all.</summary>
    public IReadOnlyList<string> Proxies { get; private init; } = [];

    /// <summary>Empty for all.</summary>
    public IReadOnlyList<string> Scenarios { get; private init; } = [];

    public bool Wants(string name) => Scenarios.Count == 0 || Scenarios.Contains(name);

    /// <exception cref="ArgumentException">There is no such option.</exception>
    public static Options Parse(string[] arguments)
    {
        var options = new Options();
        for (var i = 0; i < arguments.Length; i++)
        {
            options = arguments[i] switch
            {
                "--quick" => options with { IsQuick = true, Rounds = 1, Seconds = 1, Proxies = ["nginx", "polygate"], Output = null },
                "--polygate" => options with { Polygate = arguments[++i] },
                "--yarp" => options with { Yarp = arguments[++i] },
                "--rounds" => options with { Rounds = int.Parse(arguments[++i], CultureInfo.InvariantCulture) },
                "--seconds" => options with { Seconds = int.Parse(arguments[++i], CultureInfo.InvariantCulture) },
                "--proxies" => options with { Proxies = arguments[++i].Split(',') },
                "--output" => options with { Output = arguments[++i] },
                ['-', ..] => throw new ArgumentException($"There is no option {arguments[i]}."),
                _ => options with { Scenarios = [.. options.Scenarios, arguments[i]] },
            };
        }

        return options;
    }
}
