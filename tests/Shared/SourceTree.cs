namespace Polygate.Testing;

/// <summary>The repository that the running tests were built in.</summary>
internal static class SourceTree
{
    /// <summary>Its folder.</summary>
    /// <exception cref="InvalidOperationException">The tests run outside of it.</exception>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Polygate.slnx")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException("The tests run outside the source tree.");
    }
}
