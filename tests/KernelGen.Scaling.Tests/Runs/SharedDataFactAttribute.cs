namespace KernelGen.Scaling.Tests;

/// <summary>
/// A test that reads the published data sets, which are not part of the repository; skipped only where their folder is absent.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute()
    {
        if (SharedData.Folder is null)
        {
            Skip = "There is no folder shared/data above the tests.";
        }
    }
}
