using System.Diagnostics;
using System.Globalization;

namespace Polygate.Bench;

/// <summary>
/// A shell that outlives this program, however it ends, and then stops every program that was started and removes the scratch folder.
/// </summary>
internal static class Reaper
{
    private const string Script = """
        while kill -0 "$1" 2>/dev/null; do sleep 1; done
        while read -r id; do
          for child in $(cat "/proc/$id/task/$id/children" 2>/dev/null); do kill -9 "$child" 2>/dev/null; done
          kill -9 "$id" 2>/dev/null
        done <"$2/started"
        rm -rf "$2"
        """;

    private static string? list;

    /// <summary>Begins to watch over this program and its scratch folder.</summary>
    public static void Start(string folder)
    {
        list = Path.Combine(folder, "started");
        File.WriteAllText(list, "");

        // In a session of its own: what ends this program's group is not to end it too.
        Process.Start(new ProcessStartInfo(
            "setsid", ["sh", "-c", Script, "reaper", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!.Dispose();
    }

    /// <summary>Has a program stopped when this one is gone.</summary>
    public static void Watch(int id)
    {
        if (list is not null)
        {
            File.AppendAllText(list, id.ToString(CultureInfo.InvariantCulture) + "\n");
        }
    }
}
