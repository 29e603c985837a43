namespace KernelGen.Scaling.Tests;

/// <summary>A test against the golden vectors, which lie beside the repository on the machines that develop it.</summary>
internal sealed class SharedFactAttribute : FactAttribute
{
    public SharedFactAttribute()
    {
        if (Golden.Folder is null)
        {
            Skip = "There is no folder shared/golden above the tests.";
        }
    }
}
